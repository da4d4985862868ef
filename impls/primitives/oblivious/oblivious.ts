/**
 * Joins two sorted lists of digests without showing anything but their lengths to whoever watches which
 * memory is touched when; see `assembly/index.ts` for how.
 *
 * What it does not hide: the time of instructions whose duration depends on operands (none of those used
 * does on today's x86 and Arm cores; neither WebAssembly nor the vendors promise it), and whether an
 * input was refused.
 */
import { kernelModule } from '../kernels/load.ts';
import { KeptKernel } from './kept-kernel.ts';

/** Bytes of a digest. */
export const DIGEST_BYTES = 16;

/** Each list may have 2^24 digests. */
export const MAX_DIGESTS = 2 ** 24;

/** What the kernel exports; for tests that watch it at work. */
export interface ObliviousKernel {
  readonly memory: WebAssembly.Memory;
  readonly STAGING: WebAssembly.Global<'i32'>;
  readonly STAGED: WebAssembly.Global<'i32'>;
  layout(senders: number, receivers: number): number;
  putSender(count: number, from: number): number;
  putReceiver(count: number, from: number): number;
  join(): number;
}

/** A list that is not in the order of {@link compareDigests}, or has a digest twice. */
export type Unsorted = 'receiver' | 'sender';

/**
 * Which of the receiver's digests the sender has: bit `i` of the result, `i % 8` of byte `i >> 3`, is
 * the receiver's digest `i`. Bits beyond the last digest are 0.
 *
 * @param receiver n_r digests of 16 bytes, strictly ascending in the order of {@link compareDigests}
 * @param sender n_s digests, likewise
 * @returns ⌈n_r / 8⌉ bytes, or which list is not ascending: then nothing is joined. (On lists that are
 *   not sorted the network would miss matches, depending on the digests around them.)
 * @throws Error when a length is no multiple of 16 or a list has more than 2^24 digests
 */
export function obliviousJoin(receiver: Uint8Array, sender: Uint8Array): Uint8Array | Unsorted {
  return keptKernel.use((kernel) => joinWith(kernel, receiver, sender));
}

const keptKernel = new KeptKernel<ObliviousKernel>(() => kernelModule('oblivious'));

/** {@link obliviousJoin} with a given instance of the kernel. */
export function joinWith(
  kernel: ObliviousKernel,
  receiver: Uint8Array,
  sender: Uint8Array,
): Uint8Array | Unsorted {
  const receivers = countOf(receiver, 'receiver');
  const senders = countOf(sender, 'sender');
  if (receivers === 0) return new Uint8Array(0);
  const end = kernel.layout(senders, receivers) >>> 0;
  const missing = Math.ceil((end - kernel.memory.buffer.byteLength) / 2 ** 16);
  if (missing > 0) kernel.memory.grow(missing);

  const staging = new Uint8Array(
    kernel.memory.buffer,
    kernel.STAGING.value,
    kernel.STAGED.value * DIGEST_BYTES,
  );
  const put = (digests: Uint8Array, take: (count: number, from: number) => number): boolean => {
    let ascending = 1;
    for (let at = 0; at < digests.length; at += staging.length) {
      const piece = digests.subarray(at, at + staging.length);
      staging.set(piece);
      ascending &= take(piece.length / DIGEST_BYTES, at / DIGEST_BYTES);
    }
    return ascending === 1;
  };
  if (!put(sender, kernel.putSender)) return 'sender';
  if (!put(receiver, kernel.putReceiver)) return 'receiver';
  const bits = kernel.join() >>> 0;
  return new Uint8Array(kernel.memory.buffer, bits, Math.ceil(receivers / 8)).slice();
}

function countOf(digests: Uint8Array, title: string): number {
  if (digests.length % DIGEST_BYTES !== 0 || digests.length > MAX_DIGESTS * DIGEST_BYTES) {
    throw new Error(
      `"${title}" expected at most 2^24 digests of ${DIGEST_BYTES} bytes, got ${digests.length} bytes`,
    );
  }
  return digests.length / DIGEST_BYTES;
}
