/**
 * `npm run benchmark ot`: the pieces of oblivious transfer: base transfers, correlated transfers, transposition,
 * BLAKE3, cuckoo tables, the least of several turns each, with the copy of as many bytes beside them.
 */
import { randomBytes, randomFillSync } from 'node:crypto';
import { systemRandom } from '../bench/party/random.ts';
import { Blake3 } from '../impls/primitives/blake3/blake3.ts';
import { CANDIDATE_BYTES, largeCandidates, largeTable } from '../impls/primitives/cuckoo/large.ts';
import { Digester } from '../impls/primitives/digest/digest.ts';
import { BaseOtReceiver, BaseOtSender } from '../impls/primitives/ot/base.ts';
import { COT_BASE, COT_KINDS, CotReceiver, CotSender } from '../impls/primitives/ot/cot.ts';
import { TRANSPOSE_SCRATCH_BYTES, transposeKernel } from '../impls/primitives/transpose/transpose.ts';
import { WorkingMemory } from '../impls/primitives/working-memory/working-memory.ts';

const TURNS = 9;

/** The least time of `work` in ns for each of `count`. */
function least(count: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < TURNS; turn++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return (best * 1e6) / count;
}

const line = (what: string, ns: number, unit: string, beside = '') => {
  const shown = ns < 1000 ? `${ns.toFixed(ns < 10 ? 2 : 1)} ns` : `${(ns / 1000).toFixed(1)} µs`;
  console.log(`${what.padEnd(58)} ${shown.padStart(9)} ${unit}${beside && `  (${beside})`}`);
};

/** What moving the same bytes takes: nothing that reads and writes them can be faster. */
function copyNs(memory: WorkingMemory, from: number, to: number, bytes: number, count: number): string {
  const ns = least(count, () => memory.bytes(to, bytes).set(memory.bytes(from, bytes)));
  return `copying them ${ns.toFixed(2)} ns`;
}

function fill(memory: WorkingMemory, at: number, bytes: number): void {
  const view = memory.bytes(at, bytes);
  for (let from = 0; from < bytes; from += 65536) randomFillSync(view.subarray(from, from + 65536));
}

{
  const count = 448;
  const options = { count, context: 'benchmark', random: systemRandom, peer: 'other' };
  const choices = randomBytes(count / 8);
  const make = () => ({
    sender: new BaseOtSender(options),
    receiver: new BaseOtReceiver({ ...options, choices }),
  });
  line(
    `base transfers, ${count} at once: both messages`,
    least(count, () => make().receiver.message),
    'a transfer',
  );
  line(
    '  and all keys of both parties',
    least(count, () => {
      const { sender, receiver } = make();
      sender.keys(receiver.message);
      receiver.keys(sender.message);
    }),
    'a transfer',
    'six multiplications in all',
  );
}

for (const kind of COT_KINDS) {
  const count = 1 << 17;
  const memory = new WorkingMemory();
  const keys = { zero: randomBytes(16 * COT_BASE), one: randomBytes(16 * COT_BASE) };
  const receiver = new CotReceiver(kind, keys);
  // What the sender computes does not depend on which of the keys it has.
  const sender = new CotSender(kind, randomBytes(16), keys.zero, 'receiver');
  const [rows, choices] = [memory.allocate(16 * count), randomBytes(count / 8)];
  let message = new Uint8Array(0);
  line(
    `correlated transfers by ${kind}, ${count}: receiver`,
    least(count, () => {
      message = receiver
        .run(memory, receiver.runs.next)
        .extend(choices, count, rows) as Uint8Array<ArrayBuffer>;
    }),
    'a transfer',
    `${(message.length / count).toFixed(1)} B`,
  );
  line(
    '  sender',
    least(count, () => sender.run(memory, sender.runs.next).extend(message, count, rows)),
    'a transfer',
  );
}

{
  const [columns, bins] = [448, 1 << 16];
  const stride = bins / 8 + 64;
  const memory = new WorkingMemory();
  const scratch = memory.allocate(TRANSPOSE_SCRATCH_BYTES);
  const [from, to] = [memory.allocate(columns * stride), memory.allocate(bins * 64)];
  fill(memory, from, columns * stride);
  const units = (columns * bins) / 128;
  const kernel = transposeKernel(memory);
  const beside = copyNs(memory, from, to, (columns * bins) / 8, units);
  line(
    `transposition, ${columns} × ${bins}`,
    least(units, () => kernel.transpose(from, stride, columns, bins, to, 64, scratch)),
    'for 128 bits',
    beside,
  );
  line(
    '  back',
    least(units, () => kernel.transpose(to, 64, bins, columns, from, stride, scratch)),
    'for 128 bits',
  );
}

{
  const count = 4096;
  const memory = new WorkingMemory();
  const [from, to] = [memory.allocate(64 * count), memory.allocate(16 * count)];
  fill(memory, from, 64 * count);
  const hash = new Blake3(memory);
  const digester = new Digester({ width: 16 });
  const blocks = Uint8Array.from(memory.bytes(from, 64 * count));
  const digests = new Uint8Array(16 * count);
  const sha = least(count, () => digester.records(blocks, 64, digests));
  line(
    'BLAKE3 of a block',
    least(count, () => hash.hash(from, count, 64, to, 16)),
    'each',
    `SHA-256 ${sha.toFixed(0)} ns`,
  );
}

for (const count of [1 << 14, 1 << 20]) {
  const bins = Math.ceil(1.3 * count);
  const memory = new WorkingMemory();
  const [hashes, candidates] = [memory.allocate(16 * count), memory.allocate(CANDIDATE_BYTES * count)];
  const table = memory.allocate(4 * bins);
  fill(memory, hashes, 16 * count);
  line(
    `cuckoo table, ${count} items in 1.3 bins each: candidates`,
    least(count, () => largeCandidates(memory, hashes, count, bins, candidates)),
    'an item',
  );
  line(
    '  placing',
    least(count, () => largeTable(memory, candidates, count, bins, table)),
    'an item',
  );
}
