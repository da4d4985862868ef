/** Sizes of the sparse store. */
import { expectedDependencies, loadBound, overloadLog2 } from './failure.ts';

/** Sizes of a sparse store, all public: they follow from the number of items alone. */
export interface SparseParameters {
  readonly kind: 'sparse';
  /** How many items are encoded. */
  readonly count: number;
  /** Columns in all: clusters × (sparse + dense). */
  readonly columns: number;
  readonly clusters: number;
  /** The most items of a cluster, but for a negligible probability. */
  readonly load: number;
  /** Sparse columns of a cluster; a row has three ones among them. */
  readonly sparse: number;
  /** Dense columns of a cluster, at most 64; a row has random bits among them. */
  readonly dense: number;
  /** The largest gap that the fit of the paper expects: above it less than once in 2^security encodings. */
  readonly gap: number;
}

/** Items of a cluster, about: its columns and rows fit into a second-level cache. */
const CLUSTER_ITEMS = 2 ** 14;
/** The largest set: cluster numbers and sizes have been checked up to here. */
const MAX_COUNT = 2 ** 26;

/**
 * Sizes for `count` items so that one try fails with probability at most 2^−`security`.
 *
 * Raghuraman and Rindal, CCS 2022, fit their experiments with weight-3 rows by
 * log2(slope) = 0.555·log2(n) + 0.093·w³ − 1.010·w² + 2.925·w − 0.133 at w = log2 3, and a relative size of
 * e = 1.223 + (λ + 9.2) / slope; the gap exceeds ĝ = ⌊λ / log2(e·n)⌋ less than once in 2^λ encodings. Each of β
 * clusters has to do better by log2 β bits. {@link sparseFailureLog2} says what is proven about the result.
 * @throws RangeError when `count` is not a whole number from 0 to 2^26.
 */
export function sparseParameters(count: number, security = 40): SparseParameters {
  if (!Number.isInteger(count) || count < 0 || count > MAX_COUNT) {
    throw new RangeError(`a store must have 0 to 2^26 items, got ${count}`);
  }
  const clusters = Math.max(1, Math.ceil(count / CLUSTER_ITEMS));
  const bits = security + Math.log2(clusters);
  const load = loadBound(Math.max(1, count), clusters, -bits);
  const sparse = Math.ceil(expansion(load, bits) * load);
  const gap = Math.floor(bits / Math.log2(sparse));
  const dense = gap + Math.ceil(bits);
  return { kind: 'sparse', count, columns: clusters * (sparse + dense), clusters, load, sparse, dense, gap };
}

/** The relative size e of the fit. */
function expansion(rows: number, security: number): number {
  return 1.223 + (security + 9.2) / fittedSlope(rows);
}

/** How many bits of security one more column per row brings, by the fit. */
export function fittedSlope(rows: number): number {
  const w = Math.log2(3);
  return 2 ** (0.555 * Math.log2(rows) + 0.093 * w ** 3 - 1.01 * w ** 2 + 2.925 * w - 0.133);
}

/**
 * log2 of a proven bound on the probability that a cluster gets too many items or that the rows of a cluster
 * are linearly dependent, which is when there is no encoding. Rows are dependent when the sparse parts of some
 * of them sum to zero and their dense parts, uniform and independent, do so too.
 */
export function sparseFailureLog2(parameters: SparseParameters): number {
  const { count, clusters, load, sparse, dense } = parameters;
  const dependent = clusters * expectedDependencies(load, sparse) * 2 ** -dense;
  return Math.log2(2 ** overloadLog2(count, clusters, load) + dependent);
}
