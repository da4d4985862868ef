/** Ctrl-C and a polite kill, the same for every command that measures. */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A signal that SIGINT and SIGTERM abort, in place of ending the process, until the end of the scope:
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
