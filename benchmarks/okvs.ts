/**
 * Oblivious key-value stores: what arranging, encoding and decoding cost per item, sparse and band, beside
 * AES-ECB of the same items. `npm run benchmark okvs [items]`; the least of seven runs each.
 */
import { randomBytes, randomFillSync } from 'node:crypto';
import { Aes } from '../impls/primitives/aes/aes.ts';
import { BandStore } from '../impls/primitives/okvs/band/band.ts';
import { bandParameters } from '../impls/primitives/okvs/band/parameters.ts';
import { SparseStore } from '../impls/primitives/okvs/sparse/sparse.ts';
import type { Arranged, Store } from '../impls/primitives/okvs/store.ts';
import { WorkingMemory } from '../impls/primitives/working-memory/working-memory.ts';

const TURNS = 7;
const count = Number(process.argv[2] ?? 2 ** 20);
if (!Number.isInteger(count) || count < 1 || count > 2 ** 24) {
  process.stderr.write(`benchmark okvs: the number of items must be 1 to 2^24, got ${process.argv[2]}\n`);
  process.exit(2);
}

const memory = new WorkingMemory();
const items = fresh(count);
const values = fresh(count);

function fresh(blocks: number): number {
  const address = memory.allocate(blocks * 16);
  const bytes = memory.bytes(address, blocks * 16);
  for (let at = 0; at < bytes.length; at += 65536) randomFillSync(bytes.subarray(at, at + 65536));
  return address;
}

function measure<A extends Arranged>(name: string, store: Store<A>): void {
  const least: Record<string, number> = {};
  const time = <T>(step: string, work: () => T): T => {
    const start = performance.now();
    const result = work();
    least[step] = Math.min(least[step] ?? Number.POSITIVE_INFINITY, performance.now() - start);
    return result;
  };
  const mark = memory.mark();
  const columns = memory.allocate(store.columns * 16);
  const out = memory.allocate(count * 16);
  for (let turn = 0; turn < TURNS; turn++) {
    const inner = memory.mark();
    const arranged = time('arrange', () => store.arrange(items, count, randomBytes(16)));
    const encoding = time('encode', () => store.encode(arranged, values, columns, 'zero'));
    if (!encoding.ok) throw new Error(`encoding failed: ${encoding.reason}`);
    time('decode', () => store.decode(arranged, columns, out));
    memory.release(inner);
  }
  memory.release(mark);
  const steps = Object.entries(least).map(
    ([step, ms]) => `${step} ${ms.toFixed(1)} ms (${((ms * 1e6) / count).toFixed(1)} ns an item)`,
  );
  console.log(`${name}: ${(store.columns / count).toFixed(3)} columns an item; ${steps.join(', ')}`);
}

console.log(`${count} items of 16 bytes`);
const aes = new Aes(memory, randomBytes(16));
const out = memory.allocate(count * 16);
let least = Number.POSITIVE_INFINITY;
for (let turn = 0; turn < TURNS; turn++) {
  const start = performance.now();
  aes.encrypt(items, out, count);
  least = Math.min(least, performance.now() - start);
}
console.log(`AES-ECB: ${least.toFixed(1)} ms (${((least * 1e6) / count).toFixed(1)} ns a block)`);
measure('sparse', new SparseStore(memory, count));
measure('band, a tenth more', new BandStore(memory, bandParameters(count, 0.1)));
measure('band, a twentieth more', new BandStore(memory, bandParameters(count, 0.05)));
