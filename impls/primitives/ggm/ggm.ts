/**
 * Many GGM trees (Goldreich, Goldwasser, Micali 1986) of equal size, grown level by level over all trees, and
 * their punctured twins: who is given, for each level, the sum of the nodes on the other side of its path gets
 * every leaf but one (Boyle et al. 2019, ePrint 2019/1159; Schoppmann et al. 2019).
 *
 * Children of node s are AES_L(s) + s and AES_R(s) + s under two public keys (correlation-robust with AES as an
 * ideal cipher, Guo et al. 2020, ePrint 2019/074). The number of leaves need not be a power of two: level d
 * of a tree has ⌈leaves / 2^(depth − d)⌉ nodes.
 */
import { AES_BYTES, Aes } from '../aes/aes.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';

interface Kernel {
  expand(
    parent: number,
    left: number,
    right: number,
    to: number,
    sums: number,
    trees: number,
    parents: number,
    children: number,
  ): void;
  mend(
    nodes: number,
    sums: number,
    given: number,
    paths: number,
    shift: number,
    trees: number,
    stride: number,
  ): void;
}

/** Parents that are encrypted at once: 128 KiB. */
const PIECE = 8192;

/** How many trees of how many leaves. */
export interface Forest {
  readonly trees: number;
  /** Per tree, even. */
  readonly leaves: number;
  /** ⌈log2 leaves⌉. */
  readonly depth: number;
  /** When these trees are neighbours in a larger forest: how many that one has. Sums of a level lie so far apart. */
  readonly among?: number;
}

/** The forest of `trees` trees of `leaves` leaves, an even number of at least 2. */
export function forest(trees: number, leaves: number): Forest {
  if (!(Number.isInteger(trees) && trees > 0)) throw new RangeError(`"trees" must be positive, got ${trees}`);
  if (!(Number.isInteger(leaves) && leaves >= 2 && leaves % 2 === 0)) {
    throw new RangeError(`"leaves" must be an even number, got ${leaves}`);
  }
  return { trees, leaves, depth: Math.ceil(Math.log2(leaves)) };
}

/** How many nodes level `level` of one tree has; level 0 is the root. */
export function nodesAt({ leaves, depth }: Forest, level: number): number {
  return Math.ceil(leaves / 2 ** (depth - level));
}

/** Grows forests of one shape under one pair of public keys. */
export class Gardener {
  readonly #memory: WorkingMemory;
  readonly #forest: Forest;
  readonly #kernel: Kernel;
  readonly #left: Aes;
  readonly #right: Aes;
  readonly #leftScratch: number;
  readonly #rightScratch: number;

  /** Takes 384 KiB of `memory`. */
  constructor(memory: WorkingMemory, forest: Forest, leftKey: Uint8Array, rightKey: Uint8Array) {
    this.#memory = memory;
    this.#forest = forest;
    this.#kernel = memory.kernel<Kernel>('ggm');
    const scratch = memory.allocate(PIECE * AES_BYTES);
    this.#left = new Aes(memory, leftKey, scratch);
    this.#right = new Aes(memory, rightKey, scratch);
    this.#leftScratch = memory.allocate(PIECE * AES_BYTES);
    this.#rightScratch = memory.allocate(PIECE * AES_BYTES);
  }

  /**
   * Grows all trees from `roots` (trees × 16 bytes). Leaves go to `leaves` (trees × leaves × 16 bytes), tree
   * behind tree; per level from 1 on and tree the sum of the left and of the right nodes goes to `sums`
   * (depth × trees × 32 bytes).
   */
  grow(roots: number, leaves: number, sums: number): void {
    this.#seed(leaves, this.#memory.bytes(roots, this.#forest.trees * AES_BYTES));
    for (let level = 1; level <= this.#forest.depth; level++) {
      this.#level(leaves, level, sums + (level - 1) * this.#among * 32);
    }
  }

  /**
   * Grows all trees but for the path to leaf `paths[i]` (u32 each) of tree i. `given` has per level from 1 on
   * and tree the sum of the nodes on the side that is not the path's (16 bytes). The leaf at the end of a path
   * becomes 0, and `sums` (trees × 32 bytes) in the end holds the sums of the other leaves, left and right.
   */
  growPunctured(given: number, paths: number, leaves: number, sums: number): void {
    const { trees, depth } = this.#forest;
    this.#seed(leaves, new Uint8Array(trees * AES_BYTES));
    for (let level = 1; level <= depth; level++) {
      this.#level(leaves, level, sums);
      const stride = nodesAt(this.#forest, level);
      const nodes = this.#start(leaves, level);
      this.#kernel.mend(
        nodes,
        sums,
        given + (level - 1) * this.#among * AES_BYTES,
        paths,
        depth - level,
        trees,
        stride,
      );
    }
  }

  get #among(): number {
    return this.#forest.among ?? this.#forest.trees;
  }

  /** Where level `level` lies: all levels end where the leaves end. */
  #start(leaves: number, level: number): number {
    const { trees, leaves: perTree } = this.#forest;
    return leaves + trees * (perTree - nodesAt(this.#forest, level)) * AES_BYTES;
  }

  #seed(leaves: number, roots: Uint8Array): void {
    this.#memory.bytes(this.#start(leaves, 0), roots.length).set(roots);
  }

  #level(leaves: number, level: number, sums: number): void {
    const { trees } = this.#forest;
    this.#memory.bytes(sums, trees * 32).fill(0);
    const parents = nodesAt(this.#forest, level - 1);
    const children = nodesAt(this.#forest, level);
    const from = this.#start(leaves, level - 1);
    const to = this.#start(leaves, level);
    const together = Math.max(1, Math.floor(PIECE / parents));
    for (let tree = 0; tree < trees; tree += together) {
      const count = Math.min(together, trees - tree);
      for (let first = 0; first < parents; first += PIECE) {
        const size = Math.min(PIECE, parents - first);
        const parent = from + (tree * parents + first) * AES_BYTES;
        this.#left.encrypt(parent, this.#leftScratch, size * count);
        this.#right.encrypt(parent, this.#rightScratch, size * count);
        this.#kernel.expand(
          parent,
          this.#leftScratch,
          this.#rightScratch,
          to + (tree * children + 2 * first) * AES_BYTES,
          sums + tree * 32,
          count,
          size,
          Math.min(children - 2 * first, 2 * size),
        );
      }
    }
  }
}
