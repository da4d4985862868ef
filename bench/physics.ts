/** What no run can do. A run whose figures say otherwise was measured wrongly, and is `broken`. */
import type { Role } from './contract.ts';
import type { PhasePlay } from './crew.ts';

/** Accounting by the operating system and our own clock readings are not simultaneous. */
const SLACK_MS = 10;

/**
 * Checks one run: what one party sent, the other received; no phase used more CPU time than the
 * machine has.
 * @returns the first violation, in words, or `undefined`.
 */
export function violationOf(phases: readonly PhasePlay[], cores: number): string | undefined {
  for (const { phase, wallMs, spanMs, parties } of phases) {
    if (!(wallMs >= 0 && spanMs >= wallMs)) {
      return `phase ${phase} took ${wallMs} ms within ${spanMs} ms: the clocks of the processes disagree`;
    }
    let cpuMs = 0;
    for (const [role, usage] of parties) {
      cpuMs += usage.cpuUserMs + usage.cpuSystemMs;
      for (const peer of Object.keys(usage.traffic) as Role[]) {
        const sent = usage.traffic[peer]!;
        const received = parties.get(peer)?.traffic[role];
        if (sent.sentBytes !== received?.receivedBytes || sent.sentMessages !== received.receivedMessages) {
          return `in phase ${phase} the ${role} sent ${sent.sentBytes} bytes in ${sent.sentMessages} messages to the ${peer}, which received ${received?.receivedBytes} in ${received?.receivedMessages}`;
        }
      }
    }
    if (cpuMs > (spanMs + SLACK_MS) * cores) {
      return `phase ${phase} used ${cpuMs} ms of CPU in ${spanMs} ms on ${cores} cores`;
    }
  }
  return undefined;
}
