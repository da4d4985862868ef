/**
 * `rr22` once more, for tests: both parties in one function, with BigInt, one element, node and row at a time, in
 * the order of the protocol's description. Shares with the fast one the base transfers, the sizes and the code's
 * plain definition (each has a second implementation of its own beside it), and nothing of how anything is computed.
 */
import { createCipheriv, createHash } from 'node:crypto';
import type { Random } from '../../../bench/contract.ts';
import { encodePlainly } from '../../primitives/expand-convolute/reference.ts';
import { elementAt, elementBytes, elements, multiply, timesX } from '../../primitives/gf128/reference.ts';
import { sparseParameters } from '../../primitives/okvs/sparse/parameters.ts';
import { BaseOtReceiver, BaseOtSender } from '../../primitives/ot/base.ts';

const WEIGHT = 248;

/** The receiver's columns, and everything that made them. */
export interface PlainColumns {
  readonly rowKey: Uint8Array;
  readonly valueKey: Uint8Array;
  readonly rows: readonly number[][];
  /** Noisy leaf and value of each block. */
  readonly alpha: readonly number[];
  readonly y: readonly bigint[];
  readonly a: readonly bigint[];
  readonly d: readonly bigint[];
  readonly leaves: number;
  /** Rows of the code. */
  readonly codeRows: number;
}

export interface ColumnsInput {
  readonly items: readonly Uint8Array[];
  readonly random: Random;
  /** Noise positions. Default 248. */
  readonly weight?: number;
  /** What the code multiplies by in place of X, for attacks on a weaker one. */
  readonly factor?: (x: bigint) => bigint;
}

/** What each party sent after setup, all messages of a party one behind the other, and what came out. */
export interface PlainRun {
  readonly fromReceiver: Uint8Array;
  readonly fromSender: Uint8Array;
  /** Numbers of the receiver's items that are shared. */
  readonly result: number[];
}

export interface PlainInput {
  readonly receiver: readonly Uint8Array[];
  readonly sender: readonly Uint8Array[];
  readonly random: { readonly receiver: Random; readonly sender: Random };
  /** Bytes of a tag. */
  readonly tagBytes: number;
}

const at = <T>(list: ArrayLike<T>, i: number): T => {
  const value = list[i];
  if (value === undefined) throw new RangeError(`nothing at ${i} of ${list.length}`);
  return value;
};

/** AES(x) + x under `key`. */
export function mmo(key: Uint8Array): (x: bigint) => bigint {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return (x) => elementAt(cipher.update(elementBytes([x])), 0) ^ x;
}

/** The block that stands for an item. */
export function blockOf(item: Uint8Array): bigint {
  const hash = createHash('sha256').update('psi-rr22-1:item'.padEnd(64, '\0')).update(item).digest();
  return elementAt(hash, 0);
}

/** Numbers of the columns of each block's row. */
export function rowsOf(blocks: readonly bigint[], key: Uint8Array, count: number): number[][] {
  const { sparse: s, dense, clusters } = sparseParameters(count);
  const hash = mmo(key);
  return blocks.map((x) => {
    const first = hash(x);
    const scaled = (word: bigint, range: number) =>
      Number((((first >> (32n * word)) & 0xffffffffn) * BigInt(range)) >> 32n);
    const a = scaled(0n, s);
    let b = scaled(1n, s - 1);
    if (b >= a) b++;
    let c = scaled(2n, s - 2);
    if (c >= Math.min(a, b)) c++;
    if (c >= Math.max(a, b)) c++;
    const bits = hash(x ^ 1n);
    const chosen = Array.from({ length: dense }, (_, k) => k).filter((k) => (bits >> BigInt(k)) & 1n);
    const start = scaled(3n, clusters) * (s + dense);
    return [a, b, c, ...chosen.map((k) => s + k)].map((column) => start + column);
  });
}

export const decodeRow = (columns: readonly bigint[], row: readonly number[]): bigint =>
  row.reduce((sum, column) => sum ^ at(columns, column), 0n);

/** Columns from which every row decodes to its value, by peeling; columns that no row is peeled by are 0. */
function encodeStore(rows: readonly number[][], values: readonly bigint[], count: number): bigint[] {
  const { columns, clusters } = sparseParameters(count);
  const size = columns / clusters;
  const out = new Array<bigint>(columns).fill(0n);
  for (let cluster = 0; cluster < clusters; cluster++) {
    const own = rows.flatMap((row, j) => (Math.floor(at(row, 0) / size) === cluster ? [j] : []));
    const users = new Map<number, Set<number>>();
    for (const j of own) {
      for (const column of at(rows, j).slice(0, 3))
        users.set(column, (users.get(column) ?? new Set()).add(j));
    }
    const stack = [...users.keys()].filter((column) => users.get(column)?.size === 1).sort((a, b) => a - b);
    const order: { row: number; column: number }[] = [];
    for (let column = stack.pop(); column !== undefined; column = stack.pop()) {
      const [row, ...others] = users.get(column) ?? [];
      if (row === undefined || others.length > 0) continue;
      order.push({ row, column });
      for (const touched of at(rows, row).slice(0, 3)) {
        users.get(touched)?.delete(row);
        if (users.get(touched)?.size === 1) stack.push(touched);
      }
    }
    if (order.length < own.length) throw new Error('a gap, which this implementation does not solve');
    for (const { row, column } of order.reverse()) {
      out[column] = 0n;
      out[column] = at(values, row) ^ decodeRow(out, at(rows, row));
    }
  }
  return out;
}

/** Bit i of each key's AES-CTR stream, from counter block 0 on. */
function streams(keys: Uint8Array, bits: number): ((column: number, i: number) => bigint)[] {
  const all = Array.from({ length: keys.length / 16 }, (_, j) =>
    createCipheriv('aes-128-ctr', keys.subarray(16 * j, 16 * j + 16), Buffer.alloc(16)).update(
      Buffer.alloc(Math.ceil(bits / 8)),
    ),
  );
  return all.map((stream) => (_, i) => BigInt((at(stream, i >> 3) >> (i & 7)) & 1));
}

/** Row i of a matrix of 128 columns. */
function rowOf(columns: readonly ((column: number, i: number) => bigint)[], i: number): bigint {
  return columns.reduce((row, column, j) => row | (column(j, i) << BigInt(j)), 0n);
}

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a ^ b, 0n);

/** Σ X^b·rows[b]. */
const pack = (rows: readonly bigint[]): bigint => rows.reduceRight((a, row) => timesX(a) ^ row, 0n);

/** What the receiver prepares: D = A + P. */
export function hideItems({ items, random, weight = WEIGHT, factor = timesX }: ColumnsInput): PlainColumns {
  const { columns, count } = sparseParameters(Math.max(1, items.length));
  const leaves = 2 * Math.ceil(columns / weight);
  const codeRows = (weight * leaves) / 2;
  const rowKey = random.bytes(16);
  const valueKey = random.bytes(16);
  const blocks = items.map(blockOf);
  const rows = rowsOf(blocks, rowKey, count);
  const p = encodeStore(rows, blocks.map(mmo(valueKey)), count);
  const words = new DataView(random.bytes(4 * weight).slice().buffer);
  const alpha = Array.from({ length: weight }, (_, i) => words.getUint32(4 * i, true) % leaves);
  const y = elements(random.bytes(16 * weight));
  const noise = new Array<bigint>(2 * codeRows).fill(0n);
  alpha.forEach((leaf, i) => {
    noise[i * leaves + leaf] = at(y, i);
  });
  const a = encodePlainly(noise, codeRows, factor).slice(0, columns);
  const d = p.map((column, i) => column ^ at(a, i));
  return { rowKey, valueKey, rows, alpha, y, a, d, leaves, codeRows };
}

/** Plays one run in fresh processes. */
export function playPlainly({ receiver, sender, random, tagBytes }: PlainInput): PlainRun {
  const draw = (party: 'receiver' | 'sender', bytes: number) => random[party].bytes(bytes);

  // Setup.
  const base = { count: 128, context: 'psi-rr22-1' };
  const baseSender = new BaseOtSender({ ...base, random: random.receiver, peer: 'sender' });
  const deltaBytes = draw('sender', 16);
  const baseReceiver = new BaseOtReceiver({
    ...base,
    random: random.sender,
    peer: 'receiver',
    choices: deltaBytes,
  });
  const pairs = baseSender.keys(baseReceiver.message);
  const chosen = baseReceiver.keys(baseSender.message);
  const delta = elementAt(deltaBytes, 0);

  const columns = hideItems({ items: receiver, random: random.receiver });
  const { rowKey, valueKey, alpha, y, d, leaves, codeRows } = columns;
  const m = d.length;
  const depth = Math.ceil(Math.log2(leaves));
  const transfers = WEIGHT * (depth + 128);

  // Its transfers: one per level and tree, then 128 per tree.
  const level = (i: number) => ({ tree: i % WEIGHT, depth: Math.floor(i / WEIGHT) + 1 });
  const choice = (i: number): bigint => {
    if (i < depth * WEIGHT) {
      const { tree, depth: d } = level(i);
      return BigInt(1 ^ ((at(alpha, tree) >> (depth - d)) & 1));
    }
    const k = i - depth * WEIGHT;
    return (at(y, k >> 7) >> BigInt(k & 127)) & 1n;
  };
  const [zero, one] = [streams(pairs.zero, transfers), streams(pairs.one, transfers)];
  const ones = (1n << 128n) - 1n;
  const t = Array.from({ length: transfers }, (_, i) => rowOf(zero, i));
  const u = t.map((row, i) => row ^ rowOf(one, i) ^ (choice(i) ? ones : 0n));

  // The sender's transfers, trees and B.
  const own = streams(chosen, transfers);
  const q = u.map((row, i) => rowOf(own, i) ^ (row & delta));
  const salt = draw('sender', 16);
  const keyCipher = createCipheriv('aes-128-ecb', salt, null).setAutoPadding(false);
  const keys = [1n, 2n, 3n, 4n].map((k) => Uint8Array.from(keyCipher.update(elementBytes([k]))));
  const [left, right, tag] = [mmo(at(keys, 0)), mmo(at(keys, 1)), mmo(at(keys, 2))];
  const hash = (row: bigint, i: number): bigint => {
    const high = row >> 64n;
    const sigma = ((high ^ (row & (ones >> 64n))) << 64n) | high;
    return mmo(at(keys, 3))(sigma ^ BigInt(i)) ^ BigInt(i);
  };
  const nodesAt = (d: number) => Math.ceil(leaves / 2 ** (depth - d));
  const grow = (nodes: readonly bigint[], d: number) =>
    nodes.flatMap((node) => [left(node), right(node)]).slice(0, nodesAt(d));
  const side = (nodes: readonly bigint[], which: number) => sum(nodes.filter((_, k) => (k & 1) === which));
  const covered: bigint[] = [];
  const trees = elements(draw('sender', 16 * WEIGHT)).map((root, tree) => {
    let nodes = [root];
    for (let d = 1; d <= depth; d++) {
      nodes = grow(nodes, d);
      const i = (d - 1) * WEIGHT + tree;
      covered[2 * i] = side(nodes, 0) ^ hash(at(q, i), i);
      covered[2 * i + 1] = side(nodes, 1) ^ hash(at(q, i) ^ delta, i);
    }
    return nodes;
  });
  const packed = (rows: readonly bigint[], tree: number) =>
    pack(rows.slice(depth * WEIGHT + 128 * tree, depth * WEIGHT + 128 * (tree + 1)));
  const corrections = trees.map((nodes, tree) => packed(q, tree) ^ sum(nodes));
  const b = encodePlainly(trees.flat(), codeRows).slice(0, m);
  const k = b.map((element, i) => element ^ multiply(at(d, i), delta));

  const blocks = sender.map(blockOf);
  const value = mmo(valueKey);
  const tagOf = (z: bigint) => elementBytes([tag(z)]).subarray(0, tagBytes);
  const tags = rowsOf(blocks, rowKey, Math.max(1, receiver.length))
    .map((row, i) => tagOf(decodeRow(k, row) ^ multiply(value(at(blocks, i)), delta)))
    // As little-endian numbers.
    .sort((one, other) => Buffer.compare(Buffer.from(one).reverse(), Buffer.from(other).reverse()));

  // The receiver's C.
  const c1 = trees.flatMap((_, tree) => {
    let nodes = [0n];
    for (let d = 1; d <= depth; d++) {
      nodes = grow(nodes, d);
      const path = at(alpha, tree) >> (depth - d);
      const i = (d - 1) * WEIGHT + tree;
      const given = at(covered, 2 * i + Number(choice(i))) ^ hash(at(t, i), i);
      nodes[path] = 0n;
      const sibling = path ^ 1;
      if (sibling < nodes.length) {
        nodes[sibling] = 0n;
        nodes[sibling] = given ^ side(nodes, sibling & 1);
      }
    }
    nodes[at(alpha, tree)] = at(corrections, tree) ^ packed(t, tree) ^ sum(nodes);
    return nodes;
  });
  const c = encodePlainly(c1, codeRows).slice(0, m);
  const seen = new Set(tags.map((bytes) => Buffer.from(bytes).toString('hex')));
  const result = columns.rows.flatMap((row, i) =>
    seen.has(Buffer.from(tagOf(decodeRow(c, row))).toString('hex')) ? [i] : [],
  );

  return {
    fromReceiver: Buffer.concat([rowKey, valueKey, elementBytes(u), elementBytes(d)]),
    fromSender: Buffer.concat([salt, elementBytes(covered), elementBytes(corrections), ...tags]),
    result,
  };
}
