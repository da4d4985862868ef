/**
 * Flights from above: over a shaped network a run cannot wait longer than its flights, its bytes and its
 * computing explain. One that does has more messages that waited for others than it told.
 */
import { type Link, serialisationMs } from '../network/index.ts';
import type { PhasePlay } from './parties.ts';

/** Less than this is the scheduler's. */
const LEAST_MS = 5;
/** Of a one-way latency: more than this is one that was not counted. */
const OF_A_LATENCY = 0.9;
/** From this share of all cores on that others used, runs wait for a core too, and nothing can be said. */
const BUSY = 0.15;

/**
 * What of the phases' time neither flights, nor bytes one after the other, nor all parties' CPU time
 * explains, in ms: too small where things happen side by side, never too large but for noise.
 */
export function unexplainedMs(phases: readonly PhasePlay[], link: Link): number {
  let wallMs = 0;
  let explainedMs = 0;
  for (const play of phases) {
    if (play.phase === 'start') continue;
    wallMs += play.wallMs;
    const usages = [...play.parties.values()];
    const flights = Math.max(0, ...usages.map((usage) => usage.flights));
    const bytes = usages.flatMap(({ traffic }) => Object.values(traffic).map(({ sentBytes }) => sentBytes));
    const sent = bytes.reduce((sum, count) => sum + count, 0);
    const cpuMs = usages.reduce((sum, { cpuUserMs, cpuSystemMs }) => sum + cpuUserMs + cpuSystemMs, 0);
    explainedMs += (flights * link.rttMs) / 2 + serialisationMs(sent, link) + cpuMs;
  }
  return wallMs - explainedMs;
}

/**
 * What is wrong when every one of some runs waited for so long; null when it can be. `foreign`: the share of all
 * cores that others used meanwhile.
 */
export function hiddenFlights(runsMs: readonly number[], link: Link, foreign = 0): string | null {
  if (runsMs.length < 3 || foreign > BUSY) return null;
  const leastMs = Math.min(...runsMs);
  const latencyMs = link.rttMs / 2;
  if (leastMs < Math.max(LEAST_MS, OF_A_LATENCY * latencyMs)) return null;
  const waited = `each of ${runsMs.length} runs waited at least ${Math.round(leastMs)} ms`;
  return `${waited} for what its flights, bytes and computing do not explain, with ${latencyMs} ms one way: more messages waited for others than its flights say`;
}
