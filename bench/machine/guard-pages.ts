/**
 * WebAssembly under a limit of address space (`ulimit -v`, batch systems). V8 reserves 10 GiB for each memory,
 * so that it need not check addresses; Node does without where not even one fits, but fails at the second where
 * one does. So where several would not fit, this program does without from the start.
 */
import { processLimits } from './limits.ts';

const WITHOUT = '--disable-wasm-trap-handler';
/** More memories than a party has at a time. */
const ENOUGH_BYTES = 16 * 10 * 2 ** 30;

/** Whether checks in place of guard pages are needed, and not yet switched on. */
export function needsChecks(addressSpaceBytes: number | null, nodeOptions: string): boolean {
  return addressSpaceBytes !== null && addressSpaceBytes < ENOUGH_BYTES && !nodeOptions.includes(WITHOUT);
}

/**
 * Where needed, puts a Node that checks addresses in the place of this process, by its environment, which all
 * that it starts inherits and records tell of (NODE_OPTIONS). To be called before anything else is done.
 * Elsewhere, and where Node cannot do it, it does nothing.
 */
export function ensureChecks(): void {
  const { NODE_OPTIONS = '' } = process.env;
  if (!needsChecks(processLimits().addressSpaceBytes, NODE_OPTIONS)) return;
  if (!process.allowedNodeEnvironmentFlags.has(WITHOUT) || process.execve === undefined) return;
  process.execve(process.execPath, [process.argv0, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    NODE_OPTIONS: `${NODE_OPTIONS} ${WITHOUT}`.trim(),
  });
}
