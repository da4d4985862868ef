/**
 * Byte strings of a fixed length that occur in a transcript, as sorted arrays of numbers: 6 bytes fit a
 * double exactly, and merging sorted arrays stays cheap for transcripts of many megabytes.
 */
import type { Role } from '../../contract.ts';
import type { Message } from '../memory-channel.ts';

/** The length of a window in bytes. Shorter images are not seen; see README.md. */
export const WINDOW_BYTES = 6;

/** All windows of `bytes`, sorted, each once. */
export function windowsOf(bytes: Uint8Array): Float64Array {
  const count = Math.max(0, bytes.length - WINDOW_BYTES + 1);
  const windows = new Float64Array(count);
  let high = 0;
  let low = 0;
  for (let i = 0; i < bytes.length; i++) {
    // Six bytes slide through two halves of 24 bits.
    high = ((high << 8) | (low >>> 16)) & 0xffffff;
    low = ((low << 8) | bytes[i]!) & 0xffffff;
    if (i >= WINDOW_BYTES - 1) windows[i - WINDOW_BYTES + 1] = high * 2 ** 24 + low;
  }
  windows.sort();
  return unique(windows);
}

/** The windows of everything that `from` sent to `to`, messages put end to end. */
export function windowsSent(
  transcript: readonly Message[],
  { from, to }: { readonly from: Role; readonly to: Role },
): Float64Array {
  const sent = transcript.filter((message) => message.from === from && message.to === to);
  return windowsOf(Buffer.concat(sent.map((message) => message.bytes)));
}

/** The windows that are in both. Inputs and output are sorted. */
export function common(a: Float64Array, b: Float64Array): Float64Array {
  return a.filter(memberOf(b));
}

/** The windows of `a` that are not in `b`. */
export function without(a: Float64Array, b: Float64Array): Float64Array {
  const isIn = memberOf(b);
  return a.filter((window) => !isIn(window));
}

/** A window as hex. */
export function windowToHex(window: number): string {
  return window.toString(16).padStart(2 * WINDOW_BYTES, '0');
}

/** Tells whether a window is in the sorted `windows`; must be asked in ascending order. */
function memberOf(windows: Float64Array): (window: number) => boolean {
  let at = 0;
  return (window) => {
    while (at < windows.length && windows[at]! < window) at++;
    return windows[at] === window;
  };
}

function unique(sorted: Float64Array): Float64Array {
  return sorted.filter((window, i) => i === 0 || window !== sorted[i - 1]);
}
