/** How points are cut into messages. */

/** Points per message: 64 KiB. The peer works on the first while the rest is under way. */
export const CHUNK = 2048;

/** The ranges into which `count` points are cut, in order. */
export function* chunks(count: number): Generator<{ readonly from: number; readonly to: number }> {
  for (let from = 0; from < count; from += CHUNK) yield { from, to: Math.min(count, from + CHUNK) };
}
