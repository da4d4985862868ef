/**
 * The sparse oblivious key-value store, cluster by cluster: rows of three sparse and about fifty dense binary
 * columns (Raghuraman and Rindal, CCS 2022, with a binary dense part). Encoding peels the hypergraph of the
 * sparse columns; what cannot be peeled, the gap, is solved by elimination over the free sparse columns and
 * the dense ones. So an encoding is found exactly when there is one (up to MAX_GAP).
 *
 * All memory is the caller's, and sizes hold until the next `configure`. A row is 16 bytes: three u16 columns, u16 unused, u64 dense bits. Values and
 * columns have 16 bytes. A cluster's columns lie together: the sparse ones, then the dense ones.
 */

/** More gap rows than this are not solved: `TOO_LARGE`. */
export const MAX_GAP: u32 = 64;
/** Result of `encode`: the rows are linearly dependent. */
export const DEPENDENT: i32 = -1;
/** Result of `encode`: the gap has more than MAX_GAP rows. */
export const TOO_LARGE: i32 = -2;
/** Bytes of the tables of XORs of four dense columns each: 16 groups of 16 entries. */
export const TABLE_BYTES: u32 = 16 * 16 * 16;

let sparse: u32 = 0;
let dense: u32 = 0;
/** 64-bit words of a set of sparse columns; one more for the dense ones. */
let words: usize = 0;

// Scratch of `encode`, in this order:
/** Dense tables. */
let tables: usize = 0;
/** Per sparse column: count << 16 | XOR of the numbers of its rows, u32. */
let states: usize = 0;
/** Columns that wait to be peeled, u16. */
let queue: usize = 0;
let queued: u32 = 0;
/** Rows in the order in which they were peeled: column << 16 | row, u32. */
let order: usize = 0;
let peeled: u32 = 0;
/** Per row: whether it is peeled or in the gap, u8; only kept when there is a gap. */
let gone: usize = 0;
/** Gap rows: set of sparse columns and dense bits (words + 1), value (16 bytes), pivot (8 bytes). */
let gaps: usize = 0;
let gapBytes: usize = 0;

/** Sets the size of a cluster: `s` sparse columns, 3 to 65,535, and `d` dense ones, up to 64. */
export function configure(s: u32, d: u32): void {
  sparse = s;
  dense = d;
  words = (s + 63) >> 6;
  gapBytes = ((words + 1) << 3) + 24;
}

/** Bytes of scratch that `encode` needs for `n` rows. */
export function scratchBytes(n: u32): u32 {
  return <u32>place(0, n);
}

function place(at: usize, n: u32): usize {
  tables = at;
  states = tables + TABLE_BYTES;
  queue = states + (sparse << 2);
  order = (queue + ((sparse + 1) << 1) + 3) & ~3;
  gone = order + (n << 2);
  gaps = (gone + n + 7) & ~7;
  return gaps + <usize>MAX_GAP * gapBytes;
}

/**
 * Rows from hashes: `first` and `second` are two independent 16-byte hashes of each of `n` items.
 * Columns by multiplication, kept different by stepping over the earlier ones.
 */
export function rows(first: usize, second: usize, n: u32, out: usize): void {
  const mask = dense == 64 ? u64.MAX_VALUE : ((<u64>1 << dense) - 1);
  const s = <u64>sparse;
  for (let i: u32 = 0; i < n; i++, first += 16, second += 16, out += 16) {
    const a = <u32>((<u64>load<u32>(first) * s) >> 32);
    let b = <u32>((<u64>load<u32>(first, 4) * (s - 1)) >> 32);
    let c = <u32>((<u64>load<u32>(first, 8) * (s - 2)) >> 32);
    b += <u32>(b >= a);
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    c += <u32>(c >= low);
    c += <u32>(c >= high);
    store<u64>(out, <u64>a | (<u64>b << 16) | (<u64>c << 32));
    store<u64>(out, load<u64>(second) & mask, 8);
  }
}

// @ts-ignore: decorator
@inline
function remove(column: usize, row: u32): void {
  const at = states + (column << 2);
  const state = (load<u32>(at) - 0x10000) ^ row;
  store<u32>(at, state);
  // Written in any case and kept by counting, so that nothing has to be predicted.
  store<u16>(queue + (queued << 1), <u16>column);
  queued += <u32>(state >>> 16 == 1);
}

// @ts-ignore: decorator
@inline
function removeRow(rowAt: usize, row: u32): void {
  remove(load<u16>(rowAt), row);
  remove(load<u16>(rowAt, 2), row);
  remove(load<u16>(rowAt, 4), row);
}

function peel(rowsAt: usize): void {
  while (queued != 0) {
    const column = <u32>load<u16>(queue + (--queued << 1));
    const state = load<u32>(states + (column << 2));
    if (state >>> 16 != 1) continue;
    const row = state & 0xffff;
    store<u32>(order + (peeled++ << 2), (column << 16) | row);
    removeRow(rowsAt + (<usize>row << 4), row);
  }
}

/**
 * Writes the columns of one cluster to `out` so that each of the `n` rows decodes to its value.
 * @param random whether the columns that are free keep what is at `out` (random bytes, say); otherwise they
 *   become zero.
 * @param scratch `scratchBytes(n)` bytes, aligned to 16.
 * @returns the number of gap rows, DEPENDENT or TOO_LARGE.
 */
export function encode(rowsAt: usize, values: usize, n: u32, out: usize, scratch: usize, random: bool): i32 {
  place(scratch, n);
  if (!random) memory.fill(out, 0, (sparse + dense) << 4);
  memory.fill(states, 0, sparse << 2);
  for (let row: u32 = 0, at = rowsAt; row < n; row++, at += 16) {
    for (let k: usize = 0; k < 6; k += 2) {
      const state = states + (<usize>load<u16>(at + k) << 2);
      store<u32>(state, (load<u32>(state) + 0x10000) ^ row);
    }
  }
  queued = 0;
  peeled = 0;
  for (let column: u32 = 0; column < sparse; column++) {
    store<u16>(queue + (queued << 1), <u16>column);
    queued += <u32>(load<u32>(states + (column << 2)) >>> 16 == 1);
  }
  peel(rowsAt);
  const gap: u32 = peeled == n ? 0 : openGap(rowsAt, values, n);
  if (gap > MAX_GAP) return TOO_LARGE;
  if (gap > 0) {
    for (let g: u32 = 0; g < gap; g++) reduce(gaps + <usize>g * gapBytes, rowsAt, values);
    if (!solve(gap, out)) return DEPENDENT;
  }
  const flat = !random && !someDense(out);
  if (!flat) buildTables(out);
  for (let k = peeled; k != 0; ) {
    const entry = load<u32>(order + (--k << 2));
    const row = <usize>(entry & 0xffff);
    const column = out + (<usize>(entry >>> 16) << 4);
    const at = rowsAt + (row << 4);
    let sum = v128.xor(v128.load(values + (row << 4)), sparsePart(at, out));
    if (!flat) sum = v128.xor(sum, densePart(load<u64>(at, 8), tables));
    // The column's own content is in the sum: out with it.
    v128.store(column, v128.xor(sum, v128.load(column)));
  }
  return gap;
}

/**
 * Nothing can be peeled any more: takes all rows but one of a column of least weight out, into the gap, and
 * peels on, until no rows are left. Returns the number of gap rows, at most MAX_GAP + 1.
 */
function openGap(rowsAt: usize, values: usize, n: u32): u32 {
  let gap: u32 = 0;
  let marked: u32 = 0;
  memory.fill(gone, 0, n);
  while (peeled + gap < n) {
    for (; marked < peeled; marked++) store<u8>(gone + (load<u32>(order + (marked << 2)) & 0xffff), 1);
    let lightest: u32 = 0;
    let weight = u32.MAX_VALUE;
    for (let column: u32 = 0; column < sparse; column++) {
      const w = load<u32>(states + (column << 2)) >>> 16;
      if (w >= 2 && w < weight) {
        lightest = column;
        weight = w;
      }
    }
    let kept = false;
    for (let row: u32 = 0, at = rowsAt; row < n; row++, at += 16) {
      if (load<u8>(gone + row)) continue;
      if (load<u16>(at) != lightest && load<u16>(at, 2) != lightest && load<u16>(at, 4) != lightest) continue;
      if (!kept) {
        kept = true;
        continue;
      }
      if (gap == MAX_GAP) return MAX_GAP + 1;
      store<u8>(gone + row, 1);
      removeRow(at, row);
      const entry = gaps + <usize>(gap++) * gapBytes;
      memory.fill(entry, 0, words << 3);
      for (let k: usize = 0; k < 6; k += 2) flip(entry, load<u16>(at + k));
      store<u64>(entry + (words << 3), load<u64>(at, 8));
      v128.store(valueOf(entry), v128.load(values + (<usize>row << 4)));
    }
    peel(rowsAt);
  }
  return gap;
}

// @ts-ignore: decorator
@inline
function valueOf(entry: usize): usize {
  return entry + ((words + 1) << 3);
}

// @ts-ignore: decorator
@inline
function flip(set: usize, column: usize): void {
  const at = set + ((column >> 6) << 3);
  store<u64>(at, load<u64>(at) ^ (<u64>1 << (column & 63)));
}

// @ts-ignore: decorator
@inline
function has(set: usize, column: usize): bool {
  return <bool>((load<u64>(set + ((column >> 6) << 3)) >> (column & 63)) & 1);
}

/**
 * Adds peeled rows to a gap row until only columns are left that no row was peeled by. A row's other columns
 * are peeled later than its own or never: so once through the order is enough.
 */
function reduce(entry: usize, rowsAt: usize, values: usize): void {
  for (let k: u32 = 0; k < peeled; k++) {
    const step = load<u32>(order + (k << 2));
    if (!has(entry, step >>> 16)) continue;
    const row = <usize>(step & 0xffff);
    const at = rowsAt + (row << 4);
    for (let c: usize = 0; c < 6; c += 2) flip(entry, load<u16>(at + c));
    const bits = entry + (words << 3);
    store<u64>(bits, load<u64>(bits) ^ load<u64>(at, 8));
    v128.store(valueOf(entry), v128.xor(v128.load(valueOf(entry)), v128.load(values + (row << 4))));
  }
}

/**
 * Gaussian elimination of the reduced gap rows over the columns that are left, sparse ones first, and the
 * solution into the columns at `out`. False when the rows are dependent.
 */
function solve(gap: u32, out: usize): bool {
  for (let g: u32 = 0; g < gap; g++) {
    const entry = gaps + <usize>g * gapBytes;
    // An earlier row has no bit at pivots before its own: ascending, every pivot is cleared once and for all.
    for (let e: u32 = 0; e < g; e++) {
      const earlier = gaps + <usize>e * gapBytes;
      if (!has(entry, <usize>load<u64>(valueOf(earlier), 16))) continue;
      for (let w: usize = 0; w <= words << 3; w += 8) {
        store<u64>(entry + w, load<u64>(entry + w) ^ load<u64>(earlier + w));
      }
      v128.store(valueOf(entry), v128.xor(v128.load(valueOf(entry)), v128.load(valueOf(earlier))));
    }
    let w: usize = 0;
    while (w <= words && load<u64>(entry + (w << 3)) == 0) w++;
    if (w > words) return false;
    store<u64>(valueOf(entry), (w << 6) + <usize>ctz(load<u64>(entry + (w << 3))), 16);
  }
  for (let g = gap; g != 0; ) {
    const entry = gaps + <usize>(--g) * gapBytes;
    const pivot = <usize>load<u64>(valueOf(entry), 16);
    let sum = v128.load(valueOf(entry));
    for (let w: usize = 0; w <= words; w++) {
      for (let bits = load<u64>(entry + (w << 3)); bits != 0; bits &= bits - 1) {
        const column = (w << 6) + <usize>ctz(bits);
        if (column != pivot) sum = v128.xor(sum, v128.load(columnAt(out, column)));
      }
    }
    v128.store(columnAt(out, pivot), sum);
  }
  return true;
}

/** Dense columns are numbered from the first word after the sparse ones. */
function columnAt(out: usize, column: usize): usize {
  const firstDense = words << 6;
  return out + ((column < firstDense ? column : column - firstDense + sparse) << 4);
}

function someDense(out: usize): bool {
  let any = i64x2.splat(0);
  for (let i: u32 = 0, at = out + (sparse << 4); i < dense; i++, at += 16) any = v128.or(any, v128.load(at));
  return v128.any_true(any);
}

/** All sums of each four neighbouring dense columns of the cluster at `columns`. */
function buildTables(columns: usize): void {
  const first = columns + (sparse << 4);
  for (let group: usize = 0; group < 16; group++) {
    const table = tables + (group << 8);
    v128.store(table, i64x2.splat(0));
    for (let bits: usize = 1; bits < 16; bits++) {
      const column = (group << 2) + <usize>ctz(<u32>bits);
      const rest = v128.load(table + ((bits & (bits - 1)) << 4));
      v128.store(
        table + (bits << 4),
        column < dense ? v128.xor(rest, v128.load(first + (column << 4))) : rest,
      );
    }
  }
}

// @ts-ignore: decorator
@inline
function sparsePart(row: usize, columns: usize): v128 {
  return v128.xor(
    v128.xor(
      v128.load(columns + (<usize>load<u16>(row) << 4)),
      v128.load(columns + (<usize>load<u16>(row, 2) << 4)),
    ),
    v128.load(columns + (<usize>load<u16>(row, 4) << 4)),
  );
}

/** Entry of table `group` for its four bits; the tables' address is added by the caller. */
// @ts-ignore: decorator
@inline
function entryOf(bits: u32): usize {
  return <usize>((bits & 15) << 4);
}

// @ts-ignore: decorator
@inline
function densePart(bits: u64, tablesAt: usize): v128 {
  const a = <u32>bits;
  const b = <u32>(bits >> 32);
  let sum = v128.load(tablesAt + entryOf(a));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(a >> 4), 0x100));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(a >> 8), 0x200));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(a >> 12), 0x300));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(a >> 16), 0x400));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(a >> 20), 0x500));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(a >> 24), 0x600));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(a >> 28), 0x700));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(b), 0x800));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(b >> 4), 0x900));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(b >> 8), 0xa00));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(b >> 12), 0xb00));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(b >> 16), 0xc00));
  if (b >>> 20 == 0) return sum;
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(b >> 20), 0xd00));
  sum = v128.xor(sum, v128.load(tablesAt + entryOf(b >> 24), 0xe00));
  return v128.xor(sum, v128.load(tablesAt + entryOf(b >> 28), 0xf00));
}

/**
 * The values of `n` rows under the columns of one cluster.
 * @param scratch TABLE_BYTES bytes, aligned to 16.
 */
export function decode(rowsAt: usize, n: u32, columns: usize, out: usize, scratch: usize): void {
  tables = scratch;
  buildTables(columns);
  for (let i: u32 = 0; i < n; i++, rowsAt += 16, out += 16) {
    v128.store(out, v128.xor(sparsePart(rowsAt, columns), densePart(load<u64>(rowsAt, 8), scratch)));
  }
}
