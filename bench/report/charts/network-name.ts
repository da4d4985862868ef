/** Networks by name and figures, alike in every chart, table and caption. */

import { formatBps, formatMs } from '../../format/numbers.ts';
import type { Link } from '../../network/link.ts';

/** `1.00 Gbit/s, RTT 521 µs`, or what a network without figures is. */
export function networkFigures(network: string, link: Link | null | undefined): string {
  if (link) return `${formatBps(link.bandwidthBps)}, RTT ${formatMs(link.rttMs)}`;
  return network === 'none' ? 'loopback' : 'not shaped';
}

/** `lan (1.00 Gbit/s, RTT 521 µs)`. */
export function networkName(network: string, link: Link | null | undefined): string {
  return `${network} (${networkFigures(network, link)})`;
}
