/**
 * What the host of an enclave sees if it can watch which memory is touched when: the joins of `enclave`
 * and `enclave-oblivious`, the very code that runs inside, on two inputs of equal sizes.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { findKernels } from '../../impls/primitives/kernels/load.ts';
import { trace } from '../../impls/primitives/oblivious/memory-trace.ts';
import { DIGEST_BYTES, joinWith, type ObliviousKernel } from '../../impls/primitives/oblivious/oblivious.ts';
import { compareDigests } from '../../impls/primitives/oblivious/sort.ts';
import { mergeJoin } from '../../impls/primitives/third-party/merge-join.ts';

/** There in a published package, which comes without Binaryen: made when it was packed. */
const PACKED = new URL('./oblivious.traced.wasm', import.meta.url);

/** What the traces of two inputs tell apart. */
export interface HostView {
  readonly join: 'plain' | 'oblivious';
  readonly receiverSize: number;
  readonly senderSize: number;
  /** Events (memory accesses, and for WebAssembly places in the code) of each of the two runs. */
  readonly events: readonly [number, number];
  /** The first event in which they differ; null when they are equal. */
  readonly firstDifference: number | null;
  /** How many of the receiver's items are shared, in both inputs together. */
  readonly shared: number;
  /** How many of those the host picks out from the trace alone, without a wrong one; null: the traces are equal. */
  readonly pickedOut: number | null;
}

interface Input {
  readonly receiver: Uint8Array;
  readonly sender: Uint8Array;
  /** Positions of shared digests in the receiver's sorted list. */
  readonly shared: readonly number[];
}

/** Two random inputs of `size` × `size` digests with different overlaps, joined both ways. */
export async function observeJoins(size: number): Promise<HostView[]> {
  const inputs = [makeInput(size, size >> 1), makeInput(size, size >> 2)] as const;
  const plain = inputs.map(({ receiver, sender }) =>
    watchInt32Arrays(() => void mergeJoin(receiver, sender)),
  ) as [number[], number[]];
  const traced = trace<ObliviousKernel>(await tracedKernel());
  // The memory grows at the first call; from then on both runs find it as large.
  joinWith(traced.exports, inputs[0].receiver, inputs[0].sender);
  const oblivious = inputs.map(({ receiver, sender }) => {
    traced.reset();
    joinWith(traced.exports, receiver, sender);
    return [...traced.events()];
  }) as [number[], number[]];
  return [view('plain', inputs, plain), view('oblivious', inputs, oblivious)];
}

/** The kernel of `enclave-oblivious`, instrumented. */
export async function tracedKernel(): Promise<Uint8Array<ArrayBuffer>> {
  if (existsSync(PACKED)) return new Uint8Array(readFileSync(PACKED));
  const { instrument } = await import('../../impls/primitives/oblivious/instrument.ts');
  const { module } = findKernels().find(({ name }) => name === 'oblivious')!;
  return instrument(readFileSync(module));
}

function makeInput(size: number, overlap: number): Input {
  const draw = (count: number) =>
    Array.from({ length: count }, () => new Uint8Array(randomBytes(DIGEST_BYTES)));
  const both = draw(overlap);
  const receiver = [...both, ...draw(size - overlap)].sort(compareDigests);
  const sender = [...both, ...draw(size - overlap)].sort(compareDigests);
  const shared = receiver.flatMap((digest, i) => (both.includes(digest) ? [i] : []));
  return { receiver: concat(receiver), sender: concat(sender), shared };
}

function concat(digests: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(digests));
}

/**
 * Runs `work` and notes every element that it reads of an `Int32Array` it makes: which array (by the order
 * of their making) and which index. The code that is watched does not know.
 */
function watchInt32Arrays(work: () => void): number[] {
  const events: number[] = [];
  const original = globalThis.Int32Array;
  let arrays = 0;
  globalThis.Int32Array = new Proxy(original, {
    construct(target, parameters) {
      const number = arrays++;
      const real = Reflect.construct(target, parameters) as Int32Array;
      return new Proxy(real, {
        get(array, property) {
          if (typeof property === 'string' && /^\d+$/.test(property)) events.push(number, Number(property));
          return Reflect.get(array, property, array);
        },
      });
    },
  });
  try {
    work();
  } finally {
    globalThis.Int32Array = original;
  }
  return events;
}

function view(
  join: HostView['join'],
  inputs: readonly [Input, Input],
  [a, b]: readonly [number[], number[]],
): HostView {
  const differing = a.findIndex((event, i) => event !== b[i]);
  const equal = differing < 0 && a.length === b.length;
  const shared = inputs[0].shared.length + inputs[1].shared.length;
  return {
    join,
    receiverSize: inputs[0].receiver.length / DIGEST_BYTES,
    senderSize: inputs[0].sender.length / DIGEST_BYTES,
    events: [a.length / 2, b.length / 2],
    firstDifference: equal
      ? null
      : Math.floor((differing < 0 ? Math.min(a.length, b.length) : differing) / 2),
    shared,
    pickedOut: equal ? null : pickOut(a, inputs[0]) + pickOut(b, inputs[1]),
  };
}

/**
 * The merge reads a digest's third word only when the first two are equal to another's, which random digests
 * are when they are shared. Returns how many shared positions that shows, 0 when it shows a wrong one.
 */
function pickOut(events: readonly number[], { shared }: Input): number {
  const seen = new Set<number>();
  for (let i = 0; i < events.length; i += 2) {
    if (events[i] === 0 && events[i + 1]! % 4 === 2) seen.add((events[i + 1]! - 2) / 4);
  }
  return [...seen].every((position) => shared.includes(position)) ? seen.size : 0;
}
