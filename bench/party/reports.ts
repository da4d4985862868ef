/** What a party reports of itself, checked: figures of a record come of it. */
import type { Session } from '../contract.ts';
import { ProtocolError } from '../errors.ts';

/** @throws ProtocolError for what is no name, or no time in ms */
export function checkStep(...[name, ms]: Parameters<Session['step']>): void {
  if (typeof name === 'string' && name !== '' && Number.isFinite(ms) && ms >= 0) return;
  throw new ProtocolError(`step("${name}", ${ms}) expects a name and a time in ms`);
}

/** @throws ProtocolError for what is no time in ms, or no whole number of bytes */
export function checkUsage({ cpuMs, peakBytes }: Parameters<Session['addUsage']>[0]): void {
  if (Number.isFinite(cpuMs) && cpuMs >= 0 && Number.isSafeInteger(peakBytes) && peakBytes >= 0) return;
  throw new ProtocolError(
    `addUsage expects a CPU time in ms and a whole number of bytes, got ${cpuMs} and ${peakBytes}`,
  );
}
