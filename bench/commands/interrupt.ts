/** Ctrl-C, a polite kill and the end of the terminal, the same for every command that measures. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal that SIGINT, SIGTERM and SIGHUP abort, in place of ending the process, until the end of the scope:
 * `using interrupt = interruptible();`
 */
export function interruptible(): AbortController & Disposable {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const signal of SIGNALS) process.on(signal, abort);
  return Object.assign(controller, {
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, abort);
    },
  });
}
