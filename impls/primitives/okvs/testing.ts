/** What the tests of the stores share: filled memory, and decoding by the definition, one row at a time. */
import { createCipheriv, randomBytes } from 'node:crypto';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import type { Arranged, Encoding, FreeColumns, Store } from './store.ts';

/** Address of `count` random records of 16 bytes. */
export function randomBlocks(memory: WorkingMemory, count: number): number {
  const address = memory.allocate(count * 16);
  memory.bytes(address, count * 16).set(randomBytes(count * 16));
  return address;
}

/** Record `i` of 16 bytes at `address`. */
export function block(memory: WorkingMemory, address: number, i: number): Buffer {
  return Buffer.from(memory.bytes(address + i * 16, 16));
}

/** AES(x) ⊕ x of one block. */
export function mmo(key: Uint8Array, x: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(x);
  return Buffer.from(cipher.map((byte, i) => byte ^ (x[i] ?? 0)));
}

/** The sum of the columns that a row names. */
export function sumOf(memory: WorkingMemory, columns: number, row: Iterable<number>): Buffer {
  const sum = Buffer.alloc(16);
  for (const column of row) {
    for (const [i, byte] of block(memory, columns, column).entries()) sum[i] = (sum[i] ?? 0) ^ byte;
  }
  return sum;
}

/** ⌊u32 at `at` · range / 2^32⌋. */
export function scaled(hash: Buffer, at: number, range: number): number {
  return Number((BigInt(hash.readUInt32LE(at)) * BigInt(range)) >> 32n);
}

/** A store with random items encoded to random values. */
export function encoded<A extends Arranged, S extends Store<A>>(
  make: (memory: WorkingMemory) => S & Store<A>,
  count: number,
  free: FreeColumns = 'zero',
) {
  const memory = new WorkingMemory();
  const store = make(memory);
  const key = randomBytes(16);
  const items = randomBlocks(memory, count);
  const arranged = store.arrange(items, count, key);
  const values = randomBlocks(memory, count);
  const columns = randomBlocks(memory, store.columns);
  const encoding = store.encode(arranged, values, columns, free);
  return { memory, store, key, items, arranged, values, columns, encoding };
}

/** The decoded values of arranged items, and those that were encoded. */
export function decoded<A extends Arranged>(run: {
  readonly memory: WorkingMemory;
  readonly store: Store<A>;
  readonly arranged: A;
  readonly values: number;
  readonly columns: number;
}) {
  const { memory, store, arranged, values, columns } = run;
  const bytes = arranged.count * 16;
  const out = memory.allocate(bytes);
  store.decode(arranged, columns, out);
  return { out: Buffer.from(memory.bytes(out, bytes)), values: Buffer.from(memory.bytes(values, bytes)) };
}

/** How many of `tries` encodings of `count` random items under fresh keys fulfil `condition`. */
export function frequency<A extends Arranged>(
  make: (memory: WorkingMemory) => Store<A>,
  count: number,
  tries: number,
  condition: (encoding: Encoding) => boolean,
): number {
  const memory = new WorkingMemory();
  const store = make(memory);
  const items = randomBlocks(memory, count);
  const columns = memory.allocate(store.columns * 16);
  let times = 0;
  for (let i = 0; i < tries; i++) {
    const mark = memory.mark();
    const arranged = store.arrange(items, count, randomBytes(16));
    if (condition(store.encode(arranged, items, columns, 'zero'))) times++;
    memory.release(mark);
  }
  return times;
}
