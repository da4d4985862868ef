/** What a link is, and how long bytes take over it. Imports nothing: the report's page carries it. */

/** A link between two parties, the same in both directions. */
export interface Link {
  /** In bits per second, of each direction. */
  readonly bandwidthBps: number;
  /** Round-trip time in ms: half of it in each direction. */
  readonly rttMs: number;
}

/** Time in ms that `bytes` take in one direction of the link, without the delay. */
export function serialisationMs(bytes: number, link: Pick<Link, 'bandwidthBps'>): number {
  return (bytes * 8000) / link.bandwidthBps;
}
