/**
 * One level of many GGM trees at once. The nodes of a level lie tree behind tree, 16 bytes each, and all levels
 * end at the same address, so that a level grows in place over its parents: a child's address is never beyond
 * that of a parent that is still to be read.
 */

/**
 * Children of `parents` parents in each of `trees` trees, the first `children` of them: left = AES_L(parent) +
 * parent, right likewise, where `left` and `right` hold what AES made of the parents. Adds them up: the left
 * ones of tree i into sums[2i], the right ones into sums[2i + 1].
 */
export function expand(
  parent: usize,
  left: usize,
  right: usize,
  to: usize,
  sums: usize,
  trees: u32,
  parents: u32,
  children: u32,
): void {
  const pairs = children >> 1;
  const odd = children & 1;
  for (let tree: u32 = 0; tree < trees; tree++, sums += 32) {
    let sumLeft = v128.load(sums);
    let sumRight = v128.load(sums, 16);
    for (let q: u32 = 0; q < pairs; q++, parent += 16, left += 16, right += 16, to += 32) {
      const node = v128.load(parent);
      const a = v128.xor(v128.load(left), node);
      const b = v128.xor(v128.load(right), node);
      sumLeft = v128.xor(sumLeft, a);
      sumRight = v128.xor(sumRight, b);
      v128.store(to, a);
      v128.store(to, b, 16);
    }
    if (odd) {
      const a = v128.xor(v128.load(left), v128.load(parent));
      sumLeft = v128.xor(sumLeft, a);
      v128.store(to, a);
      parent += 16;
      left += 16;
      right += 16;
      to += 16;
    }
    v128.store(sums, sumLeft);
    v128.store(sums, sumRight, 16);
  }
}

/**
 * Mends a level that was expanded with anything for the node on each tree's path: the path's node becomes 0,
 * its sibling what the sum of its side (`given`, one per tree) makes it, and the sums those of the level
 * without the path's node. `paths` holds the leaf's number, `shift` how many levels are below this one.
 */
export function mend(
  nodes: usize,
  sums: usize,
  given: usize,
  paths: usize,
  shift: u32,
  trees: u32,
  stride: u32,
): void {
  for (let tree: u32 = 0; tree < trees; tree++) {
    const path = load<u32>(paths) >> shift;
    const sibling = path ^ 1;
    const onPath = nodes + (<usize>path << 4);
    const pathSum = sums + (<usize>(path & 1) << 4);
    v128.store(pathSum, v128.xor(v128.load(pathSum), v128.load(onPath)));
    v128.store(onPath, i64x2(0, 0));
    if (sibling < stride) {
      const beside = nodes + (<usize>sibling << 4);
      const sum = sums + (<usize>(sibling & 1) << 4);
      const right = v128.load(given);
      v128.store(beside, v128.xor(v128.load(beside), v128.xor(v128.load(sum), right)));
      v128.store(sum, right);
    }
    nodes += <usize>stride << 4;
    sums += 32;
    given += 16;
    paths += 4;
  }
}
