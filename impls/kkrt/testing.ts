/**
 * For tests: the protocol once more, in plain code, one bit, block and item at a time, from the same seeds. It shares
 * with the implementation the base transfers, the random order and the plain cuckoo table, which have second implementations
 * of their own, and nothing else.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { blake3 } from '@noble/hashes/blake3.js';
import type { Random } from '../../bench/contract.ts';
import { cuckooCandidates, cuckooTable } from '../primitives/cuckoo/cuckoo.ts';
import { randomOrder } from '../primitives/order/order.ts';
import { BaseOtReceiver, BaseOtSender } from '../primitives/ot/base.ts';

const K = 448;

/** What both parties send and hold. Bits are numbers, rows arrays of them. */
export interface PlainRun {
  readonly receiverBase: Uint8Array;
  readonly senderBase: Uint8Array;
  readonly keys: Uint8Array;
  /** U, row by row, 56 bytes each. */
  readonly rows: Uint8Array;
  /** The sender's lists, as they travel. */
  readonly lists: Uint8Array[];
  /** For each list, the place of each item of the sender. */
  readonly orders: Uint32Array[];
  /** t, q, code words by bin (zeros for an empty one), and s. */
  readonly t: number[][];
  readonly q: number[][];
  readonly code: number[][];
  readonly secret: number[];
  /** For each bin the receiver's item and its hash function, or undefined. */
  readonly placed: ({ readonly item: number; readonly iota: number } | undefined)[];
  /** The indices of the receiver's items that are shared. */
  readonly result: number[];
}

const xor = (a: readonly number[], b: readonly number[]) => a.map((bit, i) => bit ^ (b[i] ?? 0));
const bitsOf = (bytes: Uint8Array) =>
  Array.from(bytes).flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> i) & 1));

function bytesOf(bits: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(bits.length / 8);
  bits.forEach((bit, i) => {
    bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (i & 7));
  });
  return bytes;
}

function aes(key: Uint8Array, block: Uint8Array): Uint8Array {
  return createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block);
}

const mmo = (key: Uint8Array, x: Uint8Array) => aes(key, x).map((byte, i) => byte ^ (x[i] ?? 0));

/** The first `count` bits of column `j` in run `run`. */
function column(keys: Uint8Array, j: number, run: number, count: number): number[] {
  const key = keys.subarray(16 * j, 16 * j + 16);
  const bits: number[] = [];
  for (let block = 0; bits.length < count; block++) {
    const counter = Buffer.alloc(16);
    counter.writeBigUInt64BE(BigInt(run));
    counter.writeBigUInt64BE(BigInt(block), 8);
    bits.push(...bitsOf(aes(key, counter)));
  }
  return bits.slice(0, count);
}

/** A hashed item. */
export function hashedItem(item: Uint8Array): Uint8Array {
  const domain = Buffer.alloc(64);
  domain.write('psi-kkrt-1:item');
  return createHash('sha256').update(domain).update(item).digest().subarray(0, 16);
}

/** C(x, iota). */
export function codeWord(keys: Uint8Array, x: Uint8Array, iota: number): number[] {
  const constant = [0, 0x55, 0x33][iota] ?? 0;
  const parts = [1, 2, 3, 4].map((i) => mmo(keys.subarray(16 * i, 16 * i + 16), x));
  return bitsOf(
    Buffer.concat(parts)
      .subarray(0, K / 8)
      .map((byte) => byte ^ constant),
  );
}

/** The three bins of a hashed item. */
function binsOf(keys: Uint8Array, x: Uint8Array, bins: number): number[] {
  const h = Buffer.from(mmo(keys.subarray(0, 16), x));
  return [...cuckooCandidates(Uint32Array.of(h.readUInt32LE(0), h.readUInt32LE(4), h.readUInt32LE(8)), bins)];
}

function tag(row: readonly number[], bin: number, run: number, width: number): Uint8Array {
  const block = Buffer.alloc(64);
  block.set(bytesOf(row));
  block.writeUInt32LE(bin, 56);
  block.writeUInt32LE(run, 60);
  return blake3(block).subarray(0, width);
}

/** The first run of two fresh processes, base transfers direct. */
export function plainRun(
  random: { readonly receiver: Random; readonly sender: Random },
  receiver: readonly Uint8Array[],
  sender: readonly Uint8Array[],
  bins: number,
  width: number,
): PlainRun {
  const { receiver: r, sender: s } = random;
  const run = 0;
  const context = `psi-kkrt-1 direct, ${receiver.length} and ${sender.length} items`;
  const base = { count: K, context };
  const sending = new BaseOtSender({ ...base, random: r, peer: 'sender' });
  const secretBytes = s.bytes(K / 8);
  const receiving = new BaseOtReceiver({ ...base, random: s, peer: 'receiver', choices: secretBytes });
  const pairs = sending.keys(receiving.message);
  const chosen = receiving.keys(sending.message);
  const keys = r.bytes(80);
  const orders = [0, 1, 2].map(() => randomOrder(sender.length, s));
  const secret = bitsOf(secretBytes);

  const own = receiver.map(hashedItem);
  const candidates = Uint32Array.from(own.flatMap((x) => binsOf(keys, x, bins)));
  const placed = Array.from(cuckooTable(candidates, bins), (item, bin) => {
    return item < 0 ? undefined : { item, iota: candidates.subarray(3 * item, 3 * item + 3).indexOf(bin) };
  });
  const zeros = Array.from({ length: K }, () => 0);
  const code = placed.map((entry) => {
    const x = entry && own[entry.item];
    return x ? codeWord(keys, x, entry.iota) : zeros;
  });
  const byColumn = (key: Uint8Array) => Array.from({ length: K }, (_, j) => column(key, j, run, bins));
  const [zero, one, known] = [byColumn(pairs.zero), byColumn(pairs.one), byColumn(chosen)];
  const rowOf = (columns: number[][], i: number) => columns.map((bits) => bits[i] ?? 0);
  const t = placed.map((_, i) => rowOf(zero, i));
  const u = placed.map((_, i) => xor(xor(t[i] ?? [], rowOf(one, i)), code[i] ?? []));
  const q = placed.map((_, i) =>
    xor(
      rowOf(known, i),
      (u[i] ?? []).map((bit, j) => bit & (secret[j] ?? 0)),
    ),
  );

  const lists = orders.map(() => new Uint8Array(sender.length * width));
  sender.map(hashedItem).forEach((y, i) => {
    binsOf(keys, y, bins).forEach((bin, iota) => {
      const word = codeWord(keys, y, iota).map((bit, j) => bit & (secret[j] ?? 0));
      const place = orders[iota]?.[i] ?? 0;
      lists[iota]?.set(tag(xor(q[bin] ?? [], word), bin, run, width), place * width);
    });
  });
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const seen = lists.map((list) => new Set(hex(list).match(new RegExp(`.{${2 * width}}`, 'g'))));
  const result = placed
    .flatMap((entry, bin) =>
      entry && seen[entry.iota]?.has(hex(tag(t[bin] ?? [], bin, run, width))) ? [entry.item] : [],
    )
    .sort((a, b) => a - b);
  const rows = Buffer.concat(u.map(bytesOf));
  return {
    receiverBase: sending.message,
    senderBase: receiving.message,
    keys,
    rows,
    lists,
    orders,
    t,
    q,
    code,
    secret,
    placed,
    result,
  };
}
