import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { elementAt, elements } from '../gf128/reference.ts';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { forest, Gardener, nodesAt } from './ggm.ts';

/** The leaves of one tree and the sums of left and right nodes per level, node by node. */
function naive(root: Uint8Array, leaves: number, depth: number, keys: readonly Uint8Array[]) {
  const child = (node: Uint8Array, side: number): Buffer => {
    const cipher = createCipheriv('aes-128-ecb', keys[side] ?? '', null).setAutoPadding(false);
    return Buffer.from(cipher.update(node).map((byte, i) => byte ^ (node[i] ?? 0)));
  };
  let nodes: Uint8Array[] = [root];
  const sums: bigint[][] = [];
  for (let level = 1; level <= depth; level++) {
    nodes = nodes
      .flatMap((node) => [child(node, 0), child(node, 1)])
      .slice(0, Math.ceil(leaves / 2 ** (depth - level)));
    const sum = [0n, 0n];
    nodes.forEach((node, q) => {
      sum[q & 1] = (sum[q & 1] ?? 0n) ^ elementAt(node, 0);
    });
    sums.push(sum);
  }
  return { leaves: nodes.map((node) => elementAt(node, 0)), sums };
}

test('trees against naive ones, full and punctured, for every even number of leaves from 2 to 100', () => {
  const keys = [randomBytes(16), randomBytes(16)] as const;
  for (let perTree = 2; perTree <= 100; perTree += 2) check(perTree < 20 ? 5 : 2, perTree, keys);
});

test('trees that are larger than what is encrypted at once', () => {
  const keys = [randomBytes(16), randomBytes(16)] as const;
  check(2, 2 * 8192 + 38, keys);
});

function check(trees: number, perTree: number, keys: readonly [Uint8Array, Uint8Array]): void {
  const shape = forest(trees, perTree);
  const memory = new WorkingMemory();
  const gardener = new Gardener(memory, shape, ...keys);
  const roots = memory.allocate(trees * 16);
  memory.bytes(roots, trees * 16).set(randomBytes(trees * 16));
  const leaves = memory.allocate(trees * perTree * 16);
  const sums = memory.allocate(shape.depth * trees * 32);
  gardener.grow(roots, leaves, sums);

  const expected = Array.from({ length: trees }, (_, i) =>
    naive(memory.bytes(roots + i * 16, 16).slice(), perTree, shape.depth, keys),
  );
  const grown = elements(memory.bytes(leaves, trees * perTree * 16));
  assert.deepEqual(
    grown,
    expected.flatMap((tree) => tree.leaves),
  );
  const grownSums = elements(memory.bytes(sums, shape.depth * trees * 32));
  for (let level = 0; level < shape.depth; level++) {
    assert.deepEqual(
      grownSums.slice(level * trees * 2, (level + 1) * trees * 2),
      expected.flatMap((tree) => tree.sums[level] ?? []),
    );
  }

  // Every leaf once, in different trees at the same time.
  const given = memory.allocate(shape.depth * trees * 16);
  const paths = memory.allocate(trees * 4);
  const punctured = memory.allocate(trees * perTree * 16);
  const lastSums = memory.allocate(trees * 32);
  const holes =
    perTree < 200 ? Array.from({ length: perTree }, (_, hole) => hole) : [0, 8191, 16_384, perTree - 1];
  for (const hole of holes) {
    const path = Array.from({ length: trees }, (_, i) => (hole + 7 * i) % perTree);
    memory.words(paths, trees).set(path);
    for (let level = 1; level <= shape.depth; level++) {
      path.forEach((leaf, i) => {
        const side = 1 ^ ((leaf >> (shape.depth - level)) & 1);
        const from = sums + ((level - 1) * trees + i) * 32 + side * 16;
        memory.bytes(given + ((level - 1) * trees + i) * 16, 16).set(memory.bytes(from, 16));
      });
    }
    gardener.growPunctured(given, paths, punctured, lastSums);
    const found = elements(memory.bytes(punctured, trees * perTree * 16));
    const totals = elements(memory.bytes(lastSums, trees * 32));
    path.forEach((leaf, i) => {
      const wanted = grown.slice(i * perTree, (i + 1) * perTree);
      wanted[leaf] = 0n;
      assert.deepEqual(found.slice(i * perTree, (i + 1) * perTree), wanted);
      assert.equal(
        (totals[2 * i] ?? 0n) ^ (totals[2 * i + 1] ?? 0n),
        wanted.reduce((a, b) => a ^ b, 0n),
      );
    });
  }
}

test('the number of nodes', () => {
  const shape = forest(3, 22);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((level) => nodesAt(shape, level)),
    [1, 2, 3, 6, 11, 22],
  );
  assert.throws(() => forest(3, 5), /"leaves" must be an even number/);
  assert.throws(() => forest(0, 4), /"trees" must be positive/);
});
