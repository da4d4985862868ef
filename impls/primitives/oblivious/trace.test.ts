import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import asc from 'assemblyscript/asc';
import { findKernels } from '../kernels/load.ts';
import { instrument } from './instrument.ts';
import { type Traced, trace } from './memory-trace.ts';
import { DIGEST_BYTES, type ObliviousKernel } from './oblivious.ts';
import { sortDigests } from './sort.ts';

const SIZES = [
  [64, 64],
  [100, 37],
  [1, 200],
  [129, 0],
  [300, 300],
] as const;

const fill = (count: number, byte: (i: number) => number) =>
  Uint8Array.from({ length: count * DIGEST_BYTES }, (_, i) => byte(i));
const random = (count: number) => new Uint8Array(randomBytes(count * DIGEST_BYTES));
const sorted = (digests: Uint8Array) => sortDigests(digests).sorted;
const first = (digests: Uint8Array, count: number) => digests.subarray(0, count * DIGEST_BYTES);

/** Pairs of lists (receiver's, sender's) with these counts that differ in everything but the counts. */
function inputs(receivers: number, senders: number): Record<string, [Uint8Array, Uint8Array]> {
  const all = random(receivers + senders);
  const overlapping = (share: number): [Uint8Array, Uint8Array] => {
    const shared = Math.floor(share * Math.min(receivers, senders));
    const a = Buffer.concat([first(all, shared), random(receivers - shared)]);
    const b = Buffer.concat([random(senders - shared), first(all, shared)]);
    return [sorted(a), sorted(b)];
  };
  const ascending = sorted(all);
  return {
    '0 % overlap': overlapping(0),
    '50 % overlap': overlapping(0.5),
    '100 % overlap': overlapping(1),
    'receiver below sender': [first(ascending, receivers), ascending.subarray(receivers * DIGEST_BYTES)],
    'receiver above sender': [ascending.subarray(senders * DIGEST_BYTES), first(ascending, senders)],
    'not sorted': [random(receivers), random(senders)],
    'one digest, over and over': [fill(receivers, () => 7), fill(senders, () => 7)],
    'the least digests': [fill(receivers, (i) => (i % 8 === 7 ? 0x80 : 0)), fill(senders, () => 0)],
    'the greatest digests': [
      fill(receivers, (i) => (i % 8 === 7 ? 0x7f : 0xff)),
      fill(senders, (i) => (i % 8 === 7 ? 0x7f : 0xff)),
    ],
  };
}

type Run = (receiver: Uint8Array, sender: Uint8Array) => readonly number[];

/** What is wrong with the traces of `run`, or nothing. */
function difference(run: Run, receivers: number, senders: number): string | undefined {
  let reference: readonly number[] | undefined;
  for (const [name, [receiver, sender]] of Object.entries(inputs(receivers, senders))) {
    const events = [...run(receiver, sender)];
    assert.ok(events.length > 2 * (receivers + senders), 'the trace is too short to be one');
    reference ??= events;
    const at = events.findIndex((event, i) => event !== reference![i]);
    if (at >= 0 || events.length !== reference.length) return `${name}: event ${at} of ${reference.length}`;
  }
  return undefined;
}

/** Copies both lists in and joins them, also when they are not sorted. */
function runKernel({ exports, reset, events }: Traced<ObliviousKernel>): Run {
  return (receiver, sender) => {
    const end = exports.layout(sender.length / DIGEST_BYTES, receiver.length / DIGEST_BYTES);
    const missing = Math.ceil((end - exports.memory.buffer.byteLength) / 2 ** 16);
    if (missing > 0) exports.memory.grow(missing);
    reset();
    const staging = () => new Uint8Array(exports.memory.buffer, exports.STAGING.value, 2 ** 16);
    staging().set(sender);
    exports.putSender(sender.length / DIGEST_BYTES, 0);
    staging().set(receiver);
    exports.putReceiver(receiver.length / DIGEST_BYTES, 0);
    exports.join();
    return events();
  };
}

test('the trace of the oblivious join depends on the sizes alone', () => {
  const { module } = findKernels().find(({ name }) => name === 'oblivious')!;
  const run = runKernel(trace<ObliviousKernel>(instrument(readFileSync(module))));
  for (const [receivers, senders] of SIZES) {
    assert.equal(difference(run, receivers, senders), undefined, `${receivers} × ${senders}`);
  }
});

test('the trace sees every comparator', () => {
  const { module } = findKernels().find(({ name }) => name === 'oblivious')!;
  const run = runKernel(trace<ObliviousKernel>(instrument(readFileSync(module))));
  const events = run(sorted(random(64)), sorted(random(64)));
  const accesses = events.filter((_, i) => i % 2 === 0 && events[i] !== -1).length;
  // 7 stages of 64 comparators, two at a time, 4 loads and 4 stores each; one word of decisions for 64.
  const network = 7 * (64 / 2) * 8 + 7 * 2 - 1;
  const input = 128 * 4;
  assert.ok(accesses >= network + input, `${accesses} accesses`);
  assert.ok(accesses < network + input + 700, `${accesses} accesses`);
});

const LEAKY = {
  'a merge join': `
    export function join(receivers: usize, nr: usize, senders: usize, ns: usize, out: usize): void {
      let i: usize = 0, j: usize = 0;
      while (i < nr && j < ns) {
        const a = load<i64>(receivers + 16 * i), b = load<i64>(senders + 16 * j);
        if (a == b) store<u8>(out + i, 1);
        if (a <= b) i++; else j++;
      }
    }`,
  'a join that only writes where it finds something': `
    export function join(receivers: usize, nr: usize, senders: usize, ns: usize, out: usize): void {
      for (let i: usize = 0; i < nr; i++) for (let j: usize = 0; j < ns; j++) {
        if (load<i64>(receivers + 16 * i) == load<i64>(senders + 16 * j)) store<u8>(out + i, 1);
      }
    }`,
  'a join that looks into a table at a place that the digest says': `
    export function join(receivers: usize, nr: usize, senders: usize, ns: usize, out: usize): void {
      for (let j: usize = 0; j < ns; j++) store<u8>(out + load<u8>(senders + 16 * j), 1);
      for (let i: usize = 0; i < nr; i++) store<u8>(out + 256 + i, load<u8>(out + load<u8>(receivers + 16 * i)));
    }`,
};

interface LeakyKernel {
  readonly memory: WebAssembly.Memory;
  join(receivers: number, nr: number, senders: number, ns: number, out: number): void;
}

for (const [name, source] of Object.entries(LEAKY)) {
  test(`the same test fails for ${name}`, async () => {
    const { error, binary } = await asc.compileString(source, {
      optimizeLevel: 3,
      runtime: 'stub',
      initialMemory: 2,
    });
    assert.equal(error, null);
    const { exports, reset, events } = trace<LeakyKernel>(instrument(binary!));
    const run: Run = (receiver, sender) => {
      const memory = new Uint8Array(exports.memory.buffer);
      memory.set(receiver, 1024);
      memory.set(sender, 2 ** 15);
      reset();
      exports.join(1024, receiver.length / DIGEST_BYTES, 2 ** 15, sender.length / DIGEST_BYTES, 2 ** 16);
      return events();
    };
    assert.notEqual(difference(run, 64, 64), undefined);
  });
}
