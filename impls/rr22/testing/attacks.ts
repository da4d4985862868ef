/**
 * What a curious sender can try against D = A + P when the code is a binary matrix: then the 128 bits of the noise
 * values are 128 words of one interleaved code with one error support, and linear algebra decodes it (Metzner and
 * Kapturowski 1990). For tests: they show that these attacks break a binary variant and do nothing to the code as
 * it is, which is no proof that nothing does.
 */
import { randomBytes } from 'node:crypto';
import { encodePlainly } from '../../primitives/expand-convolute/reference.ts';
import { blockOf, decodeRow, hideItems, mmo, type PlainColumns, rowsOf } from './plain.ts';

const VALUE_BITS = 128;

/** The binary matrix with the code's places and coefficients and no factor X: row i as a number with bit j for column j. */
export function binaryMatrix(codeRows: number): bigint[] {
  const units = Array.from({ length: 2 * codeRows }, (_, j) => 1n << BigInt(j));
  return encodePlainly(units, codeRows, (x) => x);
}

/** Columns of a matrix that is given by rows: bit i of column j is bit j of row i. */
function columnsOf(rows: readonly bigint[], width: number): bigint[] {
  const columns = new Array<bigint>(width).fill(0n);
  rows.forEach((row, i) => {
    const bit = 1n << BigInt(i);
    const digits = row.toString(2);
    for (let k = 0; k < digits.length; k++) {
      const j = digits.length - 1 - k;
      if (digits[k] === '1') columns[j] = (columns[j] ?? 0n) | bit;
    }
  });
  return columns;
}

/** Reduces vectors over GF(2) by the span of `vectors`: what remains is 0 exactly within it. */
function span(vectors: readonly bigint[]): { reduce(vector: bigint): bigint; readonly rank: number } {
  const basis: { readonly pivot: bigint; readonly vector: bigint }[] = [];
  const reduce = (vector: bigint) => {
    let rest = vector;
    for (const { pivot, vector: own } of basis) if ((rest >> pivot) & 1n) rest ^= own;
    return rest;
  };
  for (const vector of vectors) {
    const rest = reduce(vector);
    if (rest !== 0n) basis.push({ pivot: BigInt(rest.toString(2).length - 1), vector: rest });
  }
  return { reduce, rank: basis.length };
}

/** Distinct columns of `matrix` (by rows) that lie in the span of the 128 bit columns of `values`. */
function columnsInSpan(matrix: readonly bigint[], width: number, values: readonly bigint[]): number[] {
  const { reduce } = span(columnsOf(values, VALUE_BITS));
  const seen = new Set<bigint>();
  return columnsOf(matrix, width).flatMap((column, j) => {
    if (column === 0n || seen.has(column)) return [];
    seen.add(column);
    return reduce(column) === 0n ? [j] : [];
  });
}

/**
 * Noise positions that A alone gives away, when they are no more than 128: the columns that lie in the span of
 * A's bits.
 */
export function supportFrom(a: readonly bigint[], codeRows: number): number[] {
  return columnsInSpan(binaryMatrix(codeRows).slice(0, a.length), 2 * codeRows, a);
}

/**
 * A sender that knows some of the receiver's items: each gives one equation of A. Guesses the noise from a random
 * `take` of the known ones, and with it A and P, under which other items of a dictionary show as members.
 * @param matrix of {@link binaryMatrix}.
 * @returns what turned out to be a member, after the first try that finds any.
 */
export function dictionaryAttack(
  { rowKey, valueKey, d, codeRows }: Pick<PlainColumns, 'rowKey' | 'valueKey' | 'd' | 'codeRows'>,
  matrix: readonly bigint[],
  known: readonly Uint8Array[],
  dictionary: readonly Uint8Array[],
  take: number,
  count: number,
  tries: number,
): Uint8Array[] {
  const value = mmo(valueKey);
  const rowOf = (block: bigint) => rowsOf([block], rowKey, count)[0] ?? [];
  const equations = known.map((item) => {
    const block = blockOf(item);
    const row = rowOf(block);
    return { left: decodeRow(matrix, row), right: decodeRow(d, row) ^ value(block) };
  });
  for (let attempt = 0; attempt < tries; attempt++) {
    const chosen = equations
      .map((equation) => ({ equation, order: Math.random() }))
      .sort((one, other) => one.order - other.order)
      .slice(0, take)
      .map(({ equation }) => equation);
    const candidates = columnsInSpan(
      chosen.map(({ left }) => left),
      2 * codeRows,
      chosen.map(({ right }) => right),
    );
    const noise = solve(chosen, candidates, 2 * codeRows);
    const a = encodePlainly(noise, codeRows, (x) => x);
    const p = d.map((column, i) => column ^ (a[i] ?? 0n));
    const members = dictionary.filter((item) => {
      const block = blockOf(item);
      return decodeRow(p, rowOf(block)) === value(block);
    });
    if (members.length > 0) return members;
  }
  return [];
}

/** A noise vector on the candidate columns that satisfies the equations, as far as they go. */
function solve(
  equations: readonly { readonly left: bigint; readonly right: bigint }[],
  candidates: readonly number[],
  width: number,
): bigint[] {
  const rows = equations.map(({ left, right }) => ({
    bits: candidates.reduce((bits, j, k) => bits | (((left >> BigInt(j)) & 1n) << BigInt(k)), 0n),
    value: right,
  }));
  const noise = new Array<bigint>(width).fill(0n);
  const pivots: { readonly row: { bits: bigint; value: bigint }; readonly column: number }[] = [];
  candidates.forEach((column, k) => {
    const bit = 1n << BigInt(k);
    const used = new Set(pivots.map(({ row }) => row));
    const pivot = rows.find((row) => !used.has(row) && (row.bits & bit) !== 0n);
    if (!pivot) return;
    for (const row of rows) {
      if (row === pivot || (row.bits & bit) === 0n) continue;
      row.bits ^= pivot.bits;
      row.value ^= pivot.value;
    }
    pivots.push({ row: pivot, column });
  });
  for (const { row, column } of pivots) noise[column] = row.value;
  return noise;
}

/** Items for an attack. */
export function names(prefix: string, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => new TextEncoder().encode(`${prefix} ${i}`));
}

/**
 * What a sender that knows `knows` of a receiver's `count` items finds among the others and as many strangers,
 * when the code multiplies by `factor`.
 */
export function attackSet(
  count: number,
  weight: number,
  knows: number,
  take: number,
  factor: (x: bigint) => bigint,
): { readonly hidden: number; readonly right: number; readonly wrong: number } {
  const items = names('member', count);
  const random = {
    bytes: (length: number) => new Uint8Array(randomBytes(length)),
    fill: (target: Uint8Array) => target,
  };
  const columns = hideItems({ items, random, weight, factor });
  const others = items.slice(knows);
  const dictionary = [...others, ...names('stranger', count)];
  const matrix = binaryMatrix(columns.codeRows);
  const found = dictionaryAttack(columns, matrix, items.slice(0, knows), dictionary, take, count, 40);
  const members = new Set(others);
  const right = found.filter((item) => members.has(item)).length;
  return { hidden: others.length, right, wrong: found.length - right };
}
