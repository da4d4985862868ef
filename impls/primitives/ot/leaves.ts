/**
 * The trees of {@link file://./softspoken.ts}: from four base transfers sixteen leaves for the party with both keys, and all but
 * one for the party with one key of each (the punctured pseudorandom function of Goldreich, Goldwasser, Micali).
 *
 * e_d^s is the first block of the run's stream under key s of transfer d of a block. The two nodes of level 0 are
 * e_0^0 and e_0^1. A node n has the children AES_0(n) + n and AES_1(n) + n under two fixed public keys. For each of
 * the levels d = 1 … 3 the party with both keys sends the sum of all left children, masked by e_d^0, and that of all
 * right ones, masked by e_d^1: the other party can unmask the one that its choice bit c_d names and so gets the child
 * beside its path, which turns to the other side. A leaf's label x has x_d = 1 where its path turned left, so
 * that the leaf which is missing has the label whose bits are the choices.
 */
import { createCipheriv } from 'node:crypto';
import { KEY_BYTES, type KeyPairs } from './base.ts';
import { runNonce } from './columns.ts';
import { bitOf } from './rows.ts';

const LEVELS = 4;
export const LEAVES = 1 << LEVELS;
/** Blocks of four base transfers. */
export const TREE_BLOCKS = 128 / LEVELS;
/** Two masked sums for each level but the first, for each block. */
export const TREE_MESSAGE_BYTES = TREE_BLOCKS * (LEVELS - 1) * 2 * KEY_BYTES;

type Side = 0 | 1;
type Block = Uint8Array;

/** AES under two fixed keys, which are nothing special; a permutation each. */
const permutations = ['softspoken left.', 'softspoken right'].map((name) =>
  createCipheriv('aes-128-ecb', Buffer.from(name), null).setAutoPadding(false),
);

function child(node: Block, side: Side): Block {
  return add(permutations[side]!.update(node), node);
}

function add(a: Block, b: Block): Block {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}

/** The first block of run `run` under key `j` of `keys`. */
function first(keys: Uint8Array, j: number, run: number): Block {
  const key = keys.subarray(j * KEY_BYTES, (j + 1) * KEY_BYTES);
  // The second half of the counter block is all ones: the columns' counters never get there.
  const nonce = runNonce(run).fill(0xff, 8);
  return createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(nonce);
}

/** The label of the leaf at `path`, whose most significant bit is the turn at level 0: bits reversed and inverted. */
function labelOf(path: number): number {
  let label = 0;
  for (let d = 0; d < LEVELS; d++) label |= (((path >> (LEVELS - 1 - d)) & 1) ^ 1) << d;
  return label;
}

/** Sum of the children of one side: every second node of a level. */
function sumOf(nodes: readonly (Block | undefined)[], side: Side): Block {
  return nodes.reduce<Block>(
    (sum, node, i) => (node && (i & 1) === side ? add(sum, node) : sum),
    new Uint8Array(KEY_BYTES),
  );
}

/** For each block sixteen leaves in the order of their labels, and what the other party needs to make its own. */
export function leavesByLabel(keys: KeyPairs, run: number): { leaves: Uint8Array; message: Uint8Array } {
  const leaves = new Uint8Array(TREE_BLOCKS * LEAVES * KEY_BYTES);
  const message = new Uint8Array(TREE_MESSAGE_BYTES);
  let at = 0;
  for (let block = 0; block < TREE_BLOCKS; block++) {
    const mask = (d: number, side: Side) => first(side ? keys.one : keys.zero, LEVELS * block + d, run);
    let nodes = [mask(0, 0), mask(0, 1)];
    for (let d = 1; d < LEVELS; d++) {
      nodes = nodes.flatMap((node) => [child(node, 0), child(node, 1)]);
      for (const side of [0, 1] as const) {
        message.set(add(sumOf(nodes, side), mask(d, side)), at);
        at += KEY_BYTES;
      }
    }
    nodes.forEach((node, path) => {
      leaves.set(node, (block * LEAVES + labelOf(path)) * KEY_BYTES);
    });
  }
  return { leaves, message };
}

/**
 * The leaves of the party that holds one key of each transfer: leaf x of a block at slot x + Δ_b, where Δ_b are its
 * choice bits. Slot 0 belongs to the leaf that is missing and stays zero.
 */
export function leavesExcept(
  keys: Uint8Array,
  delta: Uint8Array,
  message: Uint8Array,
  run: number,
): Uint8Array {
  const leaves = new Uint8Array(TREE_BLOCKS * LEAVES * KEY_BYTES);
  for (let block = 0; block < TREE_BLOCKS; block++) {
    const choice = (d: number) => bitOf(delta, LEVELS * block + d) as Side;
    const missing = choice(0) | (choice(1) << 1) | (choice(2) << 2) | (choice(3) << 3);
    const known = (d: number) => first(keys, LEVELS * block + d, run);
    let nodes: (Block | undefined)[] = [undefined, undefined];
    nodes[choice(0)] = known(0);
    let path = choice(0) ^ 1;
    for (let d = 1; d < LEVELS; d++) {
      const side = choice(d);
      nodes = nodes.flatMap((node) => (node ? [child(node, 0), child(node, 1)] : [undefined, undefined]));
      const at = ((block * (LEVELS - 1) + d - 1) * 2 + side) * KEY_BYTES;
      const sum = add(message.subarray(at, at + KEY_BYTES), known(d));
      nodes[2 * path + side] = add(sum, sumOf(nodes, side));
      path = 2 * path + (side ^ 1);
    }
    nodes.forEach((node, i) => {
      if (node) leaves.set(node, (block * LEAVES + (labelOf(i) ^ missing)) * KEY_BYTES);
    });
  }
  return leaves;
}
