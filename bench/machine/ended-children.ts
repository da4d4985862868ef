/** CPU time of this process's children that have ended, exactly: the system tells others in ticks of 10 ms. */

type Ffi = typeof import('node:ffi');

const RUSAGE_CHILDREN = -1;
/** `struct rusage` of 64-bit Linux and macOS: two times as seconds and microseconds, then other counts. */
const RUSAGE_BYTES = 144;

let library: Promise<(() => number | null) | null> | undefined;

/**
 * A function that tells the CPU time in ms, user and system, of all children of this process that have ended and been
 * waited for, and of theirs; null where Node cannot ask the system (`node:ffi`, from Node 26.1 on).
 */
export function endedChildrenClock(): Promise<(() => number | null) | null> {
  library ??= open();
  return library;
}

async function open(): Promise<(() => number | null) | null> {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return null;
  const name = 'node:ffi'; // not a literal: other runtimes do not know it
  // That it is experimental is not news to the user, and would stand in the middle of what a command prints.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const ffi = (await import(name)) as Ffi;
    const { functions } = ffi.dlopen(null, {
      getrusage: { arguments: ['i32', 'pointer'], return: 'i32' },
    });
    const times = new BigInt64Array(new ArrayBuffer(RUSAGE_BYTES));
    const address = ffi.getRawPointer(new Uint8Array(times.buffer));
    return () => {
      if (Number(functions.getrusage(RUSAGE_CHILDREN, address)) !== 0) return null;
      const [userS = 0n, userUs = 0n, systemS = 0n, systemUs = 0n] = times;
      return (
        Number(userS + systemS) * 1000 +
        (Number(userUs & 0xffffffffn) + Number(systemUs & 0xffffffffn)) / 1000
      );
    };
  } catch {
    return null;
  } finally {
    process.emitWarning = emitWarning;
  }
}
