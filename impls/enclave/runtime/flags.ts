/**
 * Node's options that an image may ask for. They are part of its manifest and so of its measurement. None of
 * them opens a way out: which files it may read, that it has no network and starts no process is not up to it.
 */

/** Objects have no `__proto__`: the way of many prototype-pollution attacks is closed. Ordinary packages may need it. */
export const DEFAULT_FLAGS: readonly string[] = ['--disable-proto=throw'];

const ALLOWED: readonly RegExp[] = [
  /^--disable-proto=(?:throw|delete)$/,
  /^--allow-worker$/,
  /^--max-old-space-size=\d{2,6}$/,
  /^--max-semi-space-size=\d{1,4}$/,
  /^--jitless$/,
  /^--no-warnings$/,
  /^--no-deprecation$/,
];

/** @throws Error naming the first flag that an image may not have. */
export function checkFlags(flags: readonly string[]): void {
  if (!Array.isArray(flags)) throw new Error("an image's flags are a list");
  for (const flag of flags) {
    if (typeof flag !== 'string' || !ALLOWED.some((pattern) => pattern.test(flag))) {
      throw new Error(
        `an image may not ask for ${JSON.stringify(flag)}: allowed are --disable-proto=…, --allow-worker, ` +
          '--max-old-space-size=…, --max-semi-space-size=…, --jitless, --no-warnings and --no-deprecation',
      );
    }
  }
}
