/**
 * Networks that a run can be made to see: their names, their definitions, and when a link that was
 * measured counts as the one that was asked for. The shaping itself is in `network/`.
 *
 * Bandwidth is that of one direction, both directions being independent, and of the bytes that the
 * harness counts (messages and their frames): headers of TCP, IP and Ethernet are not added. Loss,
 * reordering and TCP's slow start are not modelled. See `docs/networks.md`.
 */

import { UsageError } from '../errors.ts';
import type { NetworkFacts } from '../record/environment.ts';
import { didYouMean } from '../words.ts';
import type { Link } from './link.ts';

export { type Link, serialisationMs } from './link.ts';

/** A network by name; `link` is null for the bare loopback. */
export interface Network {
  readonly name: string;
  readonly link: Link | null;
}

/** The networks that have a name. */
export const PROFILES = {
  lan: { bandwidthBps: 1e9, rttMs: 0.2 },
  wan: { bandwidthBps: 100e6, rttMs: 20 },
  mobile: { bandwidthBps: 10e6, rttMs: 80 },
} as const satisfies Readonly<Record<string, Link>>;

const isProfile = (name: string): name is keyof typeof PROFILES => Object.hasOwn(PROFILES, name);

/** The real network between two hosts: measured, not shaped. */
export const PEER_NETWORK: Network = { name: 'peer', link: null };

const NO_NETWORK: Network = { name: 'none', link: null };

/** How far a measured link may be from what was asked: this share of it, … */
const TOLERANCE = 0.05;
/** … and of the round-trip time, this many ms more. */
const RTT_TOLERANCE_MS = 1;

const UNITS = { k: 1e3, m: 1e6, g: 1e9 } as const;
const CUSTOM = /^(\d+(?:\.\d+)?)([kmg])bit\/(\d+(?:\.\d+)?)ms-rtt$/i;
const MIN_BPS = 1e3;
const MAX_BPS = 100e9;
const MAX_RTT_MS = 10_000;

/**
 * Reads `--net`: names and definitions with commas, e.g. `none,wan,100mbit/20ms-rtt`. The bare
 * loopback comes first, the rest stay in order, each once.
 * @throws UsageError for what is neither a known name nor `<bandwidth>/<ms>ms-rtt`.
 */
export function parseNetworks(text: string): Network[] {
  const found = new Map<string, Network>();
  for (const word of text.split(',')) {
    const network = parseNetwork(word.trim());
    found.set(network.name, network);
  }
  return [...found.values()].sort((a, b) => Number(a.link !== null) - Number(b.link !== null));
}

/** Reads one name or definition. @throws UsageError as {@link parseNetworks}. */
export function parseNetwork(word: string): Network {
  if (word === NO_NETWORK.name) return NO_NETWORK;
  if (isProfile(word)) return { name: word, link: PROFILES[word] };
  const match = CUSTOM.exec(word);
  if (!match) {
    const names = [NO_NETWORK.name, ...Object.keys(PROFILES)];
    throw new UsageError(
      `unknown network "${word}".${didYouMean(word, names)} Write ${names.join(', ')}, or bandwidth and round-trip time, as 100mbit/20ms-rtt`,
    );
  }
  const [, amount, unit = '', rtt] = match;
  const bandwidthBps = Number(amount) * UNITS[unit.toLowerCase() as keyof typeof UNITS];
  const rttMs = Number(rtt);
  if (!(bandwidthBps >= MIN_BPS && bandwidthBps <= MAX_BPS)) {
    throw new UsageError(`"${word}": a bandwidth is between 1kbit and 100gbit`);
  }
  if (rttMs > MAX_RTT_MS) throw new UsageError(`"${word}": a round-trip time is at most ${MAX_RTT_MS}ms`);
  const link = { bandwidthBps, rttMs };
  return { name: nameOf(link), link };
}

/** The one spelling of a custom link, so that equal links are equal names. */
function nameOf({ bandwidthBps, rttMs }: Link): string {
  const unit = bandwidthBps >= 1e9 ? 'g' : bandwidthBps >= 1e6 ? 'm' : 'k';
  return `${bandwidthBps / UNITS[unit]}${unit}bit/${rttMs}ms-rtt`;
}

/** A link in words: `100 Mbit/s, 20 ms RTT`. */
export function describeLink({ bandwidthBps, rttMs }: Link): string {
  return `${formatBandwidth(bandwidthBps)}, ${Number(rttMs.toPrecision(3))} ms RTT`;
}

function formatBandwidth(bps: number): string {
  const [unit, name] = bps >= 1e9 ? [1e9, 'Gbit/s'] : bps >= 1e6 ? [1e6, 'Mbit/s'] : [1e3, 'kbit/s'];
  return `${Number((bps / unit).toPrecision(3))} ${name}`;
}

/** The named networks and their definitions, for help texts. */
export function describeProfiles(): string {
  return Object.entries(PROFILES)
    .map(([name, link]) => `${name} (${describeLink(link)})`)
    .join(', ');
}

/** The record's entry of a network that is not shaped, so has nothing to calibrate. */
export const BARE_LOOPBACK: NetworkFacts = {
  bandwidthBps: null,
  rttMs: 0,
  measuredBandwidthBps: null,
  measuredRttMs: null,
};

/**
 * Whether calibration got what was asked: null, or a warning in words that names the remedy. Within
 * 5 % in bandwidth, within 5 % and 1 ms in round-trip time.
 */
export function calibrationFault(name: string, facts: NetworkFacts): string | null {
  const { bandwidthBps, rttMs, measuredBandwidthBps, measuredRttMs } = facts;
  if (bandwidthBps === null || measuredBandwidthBps === null || measuredRttMs === null) return null;
  const asked = describeLink({ bandwidthBps, rttMs });
  const got = describeLink({ bandwidthBps: measuredBandwidthBps, rttMs: measuredRttMs });
  const faults: string[] = [];
  if (Math.abs(measuredBandwidthBps / bandwidthBps - 1) > TOLERANCE) faults.push('bandwidth');
  if (Math.abs(measuredRttMs - rttMs) > TOLERANCE * rttMs + RTT_TOLERANCE_MS) faults.push('round-trip time');
  if (faults.length === 0) return null;
  return `network ${name} is not what was asked in ${faults.join(' and ')}: asked ${asked}, got ${got}. This machine cannot keep up, or is busy: close other programs, or ask for a slower network`;
}

/** The link as calibrated, or as asked where that was not done; null for the bare loopback. */
export function measuredLink(facts: NetworkFacts): Link | null {
  const bandwidthBps = facts.measuredBandwidthBps ?? facts.bandwidthBps;
  return bandwidthBps === null ? null : { bandwidthBps, rttMs: facts.measuredRttMs ?? facts.rttMs };
}

/** A warning when so much of what was sent left the shaped links late that times are too long; or null. */
export function lateFault(name: string, share: number): string | null {
  if (share <= TOLERANCE) return null;
  return `network ${name}: ${Math.round(100 * share)} % of the bytes left the link more than 1 ms late, as the relay had no core to itself: times over it are too long. Close other programs, or ask for a slower network`;
}

/**
 * What no run over a shaped network can be faster than; null for others, real ones too. It is the better of asked and got, with the tolerance
 * on top. The relay never releases a byte early, so that got is worse than asked but for noise.
 */
export function physicalBound(facts: NetworkFacts): Link | null {
  const { bandwidthBps, rttMs, measuredBandwidthBps, measuredRttMs } = facts;
  if (bandwidthBps === null) return null;
  return {
    bandwidthBps: Math.max(bandwidthBps, measuredBandwidthBps ?? 0) * (1 + TOLERANCE),
    rttMs: Math.min(rttMs, measuredRttMs ?? rttMs) * (1 - TOLERANCE),
  };
}
