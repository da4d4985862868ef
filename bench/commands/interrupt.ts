/** Ctrl-C, a polite kill and the end of the terminal, the same for every command. */
import { ExitCode } from '../errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C under npx arrives twice: from the terminal, and from npx. What comes later is meant. */
const ONCE_MS = 1000;

let scopes = 0;

/**
 * A signal that SIGINT, SIGTERM and SIGHUP abort, in place of ending the process, until the end of the scope:
 * `using interrupt = interruptible();`
 */
export function interruptible(): AbortController & Disposable {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const signal of SIGNALS) process.on(signal, abort);
  scopes++;
  return Object.assign(controller, {
    [Symbol.dispose]() {
      scopes--;
      for (const signal of SIGNALS) process.off(signal, abort);
    },
  });
}

/**
 * Ends the process at any of these signals where no scope is open, and at a second one where a scope takes too
 * long to end: with the exit code for it, and after what is to be done at an exit, such as removing folders.
 */
export function endOnSignals(): void {
  let toldAt = Number.POSITIVE_INFINITY;
  const told = () => {
    if (scopes === 0 || performance.now() - toldAt > ONCE_MS) process.exit(ExitCode.interrupted);
    toldAt = Math.min(toldAt, performance.now());
  };
  for (const signal of SIGNALS) process.on(signal, told);
}
