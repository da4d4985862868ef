/**
 * What a host is told of a fault inside. While the guest is being loaded no client is there, and the host
 * gets the message: which package is missing, what was denied. Afterwards a message may quote what clients
 * sent, so the host gets the kind of the error and the place in the code alone; in debug mode everything is
 * printed anyway.
 */

const MAX_LENGTH = 1000;

/** One line on why the enclave ends. */
export function crashReason(error: unknown, isServing: boolean): string {
  const fault = error instanceof Error ? error : new Error(String(error));
  const code = (fault as NodeJS.ErrnoException).code;
  const name = typeof code === 'string' ? `${fault.name} ${code}` : fault.name;
  const what = isServing ? name : `${name}: ${fault.message}`;
  return `${what}${placeOf(fault)}`.replaceAll(/\s+/g, ' ').slice(0, MAX_LENGTH);
}

/** The first line of the stack that is in a file, relative to the image. */
function placeOf({ stack = '' }: Error): string {
  const [, file, line] =
    /^\s+at .*?(?:file:\/\/)?(?:[^\s()]*?\/)?((?:impls|server|node_modules)\/[^\s():]+):(\d+)/m.exec(stack) ??
    [];
  return file === undefined ? '' : ` (${file}:${line})`;
}
