/**
 * The band oblivious key-value store (Bienstock, Patel, Seo, Yeo, USENIX Security 2023): a row is a band of
 * random bits that begins at a random column. Rows are sorted by where they begin, so elimination and
 * back-substitution stay within a window of columns that moves along.
 *
 * A row is stored as 64-bit words aligned to absolute columns: word 0 holds the columns from
 * ⌊start / 64⌋·64 on, so that rows are added without shifting. All memory is the caller's, and sizes hold until the next `configure`.
 */

let columns: u32 = 0;
let width: u32 = 0;
/** 64-bit words of a row, wherever in its first word it begins. */
let words: usize = 0;
/** The ring of tables: for each group of four columns the 16 XORs of them. A power of two of whole words. */
let ringMask: usize = 0;

/** Bytes of one word's tables: 16 groups of 16 entries. */
const WORD_TABLES: usize = 16 * 256;

/** Sets the number of columns and the width of the band, in columns. */
export function configure(m: u32, w: u32): void {
  columns = m;
  width = w;
  words = (w + 126) >> 6;
  let ring: usize = 2;
  while (ring < words + 1) ring <<= 1;
  ringMask = ring - 1;
}

/** Bytes of a row. */
export function rowBytes(): u32 {
  return <u32>(words << 3);
}

/** Bytes of the ring of tables. */
export function ringBytes(): u32 {
  return <u32>((ringMask + 1) * WORD_TABLES);
}

/**
 * Rows from random bits: block k of row i is the 16 bytes at `bits + k * stride + 16 i`; `starts` has the
 * rows' first columns. The first bit of a band is set.
 */
export function rows(bits: usize, stride: usize, starts: usize, n: u32, out: usize): void {
  const full = <usize>width >> 6;
  const rest = <u64>width & 63;
  for (let i: u32 = 0; i < n; i++, bits += 16, starts += 4) {
    const shift = <u64>load<u32>(starts) & 63;
    let carry: u64 = 0;
    for (let w: usize = 0; w < words; w++, out += 8) {
      let word: u64 = 0;
      if (w < full || (w == full && rest != 0)) {
        word = load<u64>(bits + (w >> 1) * stride + ((w & 1) << 3));
        if (w == full) word &= (<u64>1 << rest) - 1;
        if (w == 0) word |= 1;
      }
      store<u64>(out, (word << shift) | carry);
      carry = shift == 0 ? 0 : word >> (64 - shift);
    }
  }
}

/**
 * Brings rows `from` … `to − 1` into echelon form with those before them: each keeps its rows' sum whose
 * first column is nobody else's. `pivots` has, per column, 1 + the row that begins there, or 0.
 * Rows and values (16 bytes each) are overwritten.
 * @returns false when a row depends on those before it.
 */
export function eliminate(
  rowsAt: usize,
  starts: usize,
  values: usize,
  from: u32,
  to: u32,
  pivots: usize,
): bool {
  for (let i = from; i < to; i++) {
    const row = rowsAt + <usize>i * (words << 3);
    const value = values + (<usize>i << 4);
    const base = <usize>load<u32>(starts + (i << 2)) >> 6;
    let w: usize = 0;
    for (;;) {
      while (load<u64>(row + (w << 3)) == 0) if (++w == words) return false;
      const column = ((base + w) << 6) + <usize>ctz(load<u64>(row + (w << 3)));
      const pivot = load<u32>(pivots + (column << 2));
      if (pivot == 0) {
        store<u32>(pivots + (column << 2), i + 1);
        break;
      }
      const j = pivot - 1;
      const skipped = base + w - (<usize>load<u32>(starts + (j << 2)) >> 6);
      let other = rowsAt + (<usize>j * words + skipped) * 8;
      const end = other + ((words - skipped) << 3);
      // The other row began no later, so its band ends no later: nothing of it is outside this row's words.
      for (let mine = row + (w << 3); other < end; mine += 8, other += 8) {
        store<u64>(mine, load<u64>(mine) ^ load<u64>(other));
      }
      v128.store(value, v128.xor(v128.load(value), v128.load(values + (<usize>j << 4))));
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function tablesOf(ring: usize, word: usize): usize {
  return ring + (word & ringMask) * WORD_TABLES;
}

/** The tables of the group of four columns that begins at column `first`. */
// @ts-ignore: decorator
@inline
function buildGroup(ring: usize, first: usize, out: usize): void {
  const table = tablesOf(ring, first >> 6) + (((first >> 2) & 15) << 8);
  const a = columnOr0(out, first);
  const b = columnOr0(out, first + 1);
  const c = columnOr0(out, first + 2);
  const d = columnOr0(out, first + 3);
  const ab = v128.xor(a, b);
  const cd = v128.xor(c, d);
  v128.store(table, i64x2.splat(0));
  v128.store(table, a, 0x10);
  v128.store(table, b, 0x20);
  v128.store(table, ab, 0x30);
  v128.store(table, c, 0x40);
  v128.store(table, v128.xor(a, c), 0x50);
  v128.store(table, v128.xor(b, c), 0x60);
  v128.store(table, v128.xor(ab, c), 0x70);
  v128.store(table, d, 0x80);
  v128.store(table, v128.xor(a, d), 0x90);
  v128.store(table, v128.xor(b, d), 0xa0);
  v128.store(table, v128.xor(ab, d), 0xb0);
  v128.store(table, cd, 0xc0);
  v128.store(table, v128.xor(a, cd), 0xd0);
  v128.store(table, v128.xor(b, cd), 0xe0);
  v128.store(table, v128.xor(ab, cd), 0xf0);
}

// @ts-ignore: decorator
@inline
function columnOr0(out: usize, column: usize): v128 {
  return column < columns ? v128.load(out + (column << 4)) : i64x2.splat(0);
}

/** The sum of the columns that the bits of one word select, by its tables. */
// @ts-ignore: decorator
@inline
function selected(bits: u64, tables: usize): v128 {
  return v128.xor(half(<u32>bits, tables), half(<u32>(bits >> 32), tables + 0x800));
}

// @ts-ignore: decorator
@inline
function half(bits: u32, tables: usize): v128 {
  const low = v128.xor(
    v128.xor(v128.load(tables + entryOf(bits)), v128.load(tables + entryOf(bits >> 4), 0x100)),
    v128.xor(v128.load(tables + entryOf(bits >> 8), 0x200), v128.load(tables + entryOf(bits >> 12), 0x300)),
  );
  const high = v128.xor(
    v128.xor(
      v128.load(tables + entryOf(bits >> 16), 0x400),
      v128.load(tables + entryOf(bits >> 20), 0x500),
    ),
    v128.xor(
      v128.load(tables + entryOf(bits >> 24), 0x600),
      v128.load(tables + entryOf(bits >> 28), 0x700),
    ),
  );
  return v128.xor(low, high);
}

// @ts-ignore: decorator
@inline
function entryOf(bits: u32): usize {
  return <usize>((bits & 15) << 4);
}

/**
 * After `eliminate`: writes the columns at `out`, from the last to the first. Columns that no row begins at
 * are free: they keep their content when `random`, else become zero.
 * @param ring `ringBytes()` bytes, aligned to 16.
 */
export function substitute(
  rowsAt: usize,
  starts: usize,
  values: usize,
  pivots: usize,
  out: usize,
  ring: usize,
  random: bool,
): void {
  if (!random) memory.fill(out, 0, <usize>columns << 4);
  memory.fill(ring, 0, ringBytes());
  for (let c = <i32>columns - 1; c >= 0; c--) {
    const column = <usize>c;
    const pivot = load<u32>(pivots + (column << 2));
    if (pivot != 0) {
      const i = <usize>pivot - 1;
      const base = <usize>load<u32>(starts + (i << 2)) >> 6;
      const row = rowsAt + i * (words << 3);
      let w = (column >> 6) - base;
      const first = load<u64>(row + (w << 3));
      let sum = v128.load(values + (i << 4));
      // The columns behind it in its own group of four, whose tables are not made yet, one by one.
      for (let other = column + 1; other <= (column | 3); other++) {
        if ((first >> (other & 63)) & 1) sum = v128.xor(sum, v128.load(out + (other << 4)));
      }
      const behind = (column | 3) & 63;
      const later = behind == 63 ? 0 : first & (u64.MAX_VALUE << (<u64>behind + 1));
      sum = v128.xor(sum, selected(later, tablesOf(ring, base + w)));
      for (w++; w < words; w++) {
        const bits = load<u64>(row + (w << 3));
        if (bits != 0) sum = v128.xor(sum, selected(bits, tablesOf(ring, base + w)));
      }
      v128.store(out + (column << 4), sum);
    }
    if ((column & 3) == 0) buildGroup(ring, column, out);
  }
}

/**
 * The values of `n` rows, sorted by their first columns and not before those of the call before.
 * @param built how many words of columns, counted from column 0, the ring has had tables of: 0 to begin with,
 *   then what the call before returned.
 * @param ring `ringBytes()` bytes, aligned to 16, kept between calls.
 * @returns `built` for the next call.
 */
export function decode(
  rowsAt: usize,
  starts: usize,
  n: u32,
  from: usize,
  out: usize,
  ring: usize,
  built: usize,
): usize {
  for (let i: u32 = 0; i < n; i++, rowsAt += words << 3, starts += 4, out += 16) {
    const base = <usize>load<u32>(starts) >> 6;
    if (built < base) built = base;
    for (; built < base + words; built++) {
      for (let group: usize = 0; group < 16; group++) buildGroup(ring, (built << 6) + (group << 2), from);
    }
    let sum = i64x2.splat(0);
    for (let w: usize = 0; w < words; w++) {
      sum = v128.xor(sum, selected(load<u64>(rowsAt + (w << 3)), tablesOf(ring, base + w)));
    }
    v128.store(out, sum);
  }
  return built;
}
