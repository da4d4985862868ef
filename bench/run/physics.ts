/** What no run can do. A run whose figures say otherwise was measured wrongly, and is `broken`. */
import type { Role } from '../contract.ts';
import { describeLink, type Link, serialisationMs } from '../network/index.ts';
import type { LinkReading } from '../network/links.ts';
import { FRAME_BYTES } from '../party/frame.ts';
import type { PhasePlay } from './parties.ts';

/** Accounting by the operating system and our own clock readings are not simultaneous. */
const SLACK_MS = 10;

/** The network that a run went over. */
export interface ShapedRun {
  /** What the link cannot be better than: see `physicalBound` in `network.ts`, which has a tolerance. */
  readonly bound: Link;
  /** What the relay counted; null where there is none to ask. */
  readonly carried: readonly LinkReading[] | null;
}

/**
 * Checks one run: what one party sent, the other received, and the relay carried; no phase used more
 * CPU time than the machine has; nothing arrived sooner than the network allows.
 * @returns the first violation, in words, or `undefined`.
 */
export function violationOf(
  phases: readonly PhasePlay[],
  cores: number,
  shaped: ShapedRun | null = null,
): string | undefined {
  for (const play of phases) {
    const violation =
      clockViolation(play) ??
      trafficViolation(play) ??
      cpuViolation(play, cores) ??
      (shaped && networkViolation(play, shaped.bound));
    if (violation) return violation;
  }
  return (shaped?.carried && relayViolation(phases, shaped.carried)) ?? undefined;
}

function clockViolation({ phase, wallMs, spanMs }: PhasePlay): string | undefined {
  if (wallMs >= 0 && spanMs >= wallMs) return undefined;
  return `phase ${phase} took ${wallMs} ms within ${spanMs} ms: the clocks of the processes disagree`;
}

function trafficViolation({ phase, parties }: PhasePlay): string | undefined {
  for (const [role, usage] of parties) {
    for (const peer of Object.keys(usage.traffic) as Role[]) {
      const sent = usage.traffic[peer]!;
      const received = parties.get(peer)?.traffic[role];
      if (sent.sentBytes !== received?.receivedBytes || sent.sentMessages !== received.receivedMessages) {
        return `in phase ${phase} the ${role} sent ${sent.sentBytes} bytes in ${sent.sentMessages} messages to the ${peer}, which received ${received?.receivedBytes} in ${received?.receivedMessages}`;
      }
    }
  }
  return undefined;
}

function cpuViolation({ phase, spanMs, parties }: PhasePlay, cores: number): string | undefined {
  // Parties are loaded and made by clocks of their own, not side by side.
  if (phase === 'start') return undefined;
  let cpuMs = 0;
  for (const { cpuUserMs, cpuSystemMs } of parties.values()) cpuMs += cpuUserMs + cpuSystemMs;
  if (cpuMs <= (spanMs + SLACK_MS) * cores) return undefined;
  return `phase ${phase} used ${cpuMs} ms of CPU in ${spanMs} ms on ${cores} cores`;
}

/**
 * wall ≥ bytes / bandwidth for every direction of every link, and wall ≥ flights · RTT / 2. The clock
 * of `online` stops at the receiver, so only what reached the receiver is held against it; what went
 * elsewhere is held against the whole phase.
 */
function networkViolation({ phase, wallMs, spanMs, parties }: PhasePlay, bound: Link): string | undefined {
  const link = `a link of at most ${describeLink(bound)}`;
  for (const [role, { traffic, flights, receivedFlights }] of parties) {
    const isClock = phase !== 'online' || role === 'receiver';
    const limitMs = isClock ? wallMs : spanMs;
    for (const [peer, { receivedBytes }] of Object.entries(traffic)) {
      const leastMs = serialisationMs(receivedBytes, bound);
      if (leastMs > limitMs) {
        return `in phase ${phase} ${receivedBytes} bytes reached the ${role} from the ${peer} in ${limitMs} ms; over ${link} that takes ${leastMs} ms`;
      }
    }
    for (const [count, withinMs] of [
      [receivedFlights, limitMs],
      [flights, spanMs],
    ] as const) {
      const leastMs = (count * bound.rttMs) / 2;
      if (leastMs > withinMs) {
        return `phase ${phase} had ${count} flights, one after the other, in ${withinMs} ms; over ${link} they take ${leastMs} ms`;
      }
    }
  }
  return undefined;
}

/** The relay counts what it passes on: messages, and the harness's own frame that ends a phase. */
function relayViolation(phases: readonly PhasePlay[], carried: readonly LinkReading[]): string | undefined {
  for (const { from, to, bytes } of carried) {
    let sentBytes = 0;
    for (const { phase, parties } of phases) {
      if (phase === 'start') continue; // nothing ends it on the wire
      sentBytes += (parties.get(from)?.traffic[to]?.sentBytes ?? 0) + FRAME_BYTES;
    }
    if (bytes !== sentBytes) {
      return `the ${from} sent ${sentBytes} bytes to the ${to}, frames of the harness included, but ${bytes} went over the link`;
    }
  }
  return undefined;
}
