/**
 * Numbers for readers: the only place that rounds. Three significant digits, unit beside the number,
 * the same on every machine (no locale).
 */

import type { Estimated, Ratio } from '../statistics/stats.ts';

/** What stands where nothing was measured. */
export const NOTHING = '–';

/** `value` with `digits` significant digits, without an exponent: 1234 → 1230, 0.01234 → 0.0123. */
export function significant(value: number, digits = 3): string {
  const rounded = Number(value.toPrecision(digits));
  if (rounded === 0) return '0';
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  return rounded.toFixed(Math.min(decimals, 20));
}

type Scale = readonly (readonly [unit: string, size: number])[];

const TIMES: Scale = [
  ['s', 1000],
  ['ms', 1],
  ['µs', 0.001],
];
const BYTES: Scale = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['B', 1],
];
const BITS: Scale = [
  ['Gbit/s', 1e9],
  ['Mbit/s', 1e6],
  ['kbit/s', 1e3],
  ['bit/s', 1],
];

/** The largest unit of which `value`, rounded, has at least one. */
function unitOf(value: number, scale: Scale) {
  return scale.find(([, size]) => Math.abs(Number((value / size).toPrecision(3))) >= 1) ?? scale.at(-1)!;
}

function scaled(value: number, scale: Scale): string {
  const [unit, size] = unitOf(value, scale);
  return `${significant(value / size)} ${unit}`;
}

/** A time given in ms. */
export function formatMs(ms: number): string {
  return ms === 0 ? '0 ms' : scaled(ms, TIMES);
}

/** Bytes in binary units; below 1 KiB the exact number. */
export function formatBytes(bytes: number): string {
  return bytes < 1024 && Number.isInteger(bytes) ? `${bytes} B` : scaled(bytes, BYTES);
}

/** Bytes in binary units, where they were measured. */
export function formatBytesOr(bytes: number | null): string {
  return bytes === null ? NOTHING : formatBytes(bytes);
}

/** Bits per second. */
export function formatBps(bps: number): string {
  return scaled(bps, BITS);
}

/**
 * The interval of a time, in the unit of its median, with its coverage when that is below 95 %. A
 * single value has no interval.
 */
export function formatInterval({ median, interval }: Estimated): string {
  if (interval.coverage === 0) return NOTHING;
  const [unit, size] = unitOf(median, TIMES);
  const bounds = `${significant(interval.low / size)} … ${significant(interval.high / size)} ${unit}`;
  return bounds + formatCoverage(interval.coverage);
}

/** A ratio with its interval: `1.53 × [1.49 … 1.58]`. */
export function formatRatio({ ratio, low, high, coverage }: Ratio): string {
  const interval = coverage === 0 ? '' : ` [${significant(low)} … ${significant(high)}]`;
  return `${significant(ratio)} ×${interval}${coverage === 0 ? '' : formatCoverage(coverage)}`;
}

function formatCoverage(coverage: number): string {
  return coverage >= 0.9495 ? '' : ` (${(coverage * 100).toFixed(0)} %)`;
}

/** A whole number in groups of three: 1048576 → 1,048,576. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The median of counts: mostly a whole number itself. */
export function formatAmount(amount: number): string {
  return Number.isInteger(amount) ? formatCount(amount) : significant(amount);
}

/** A set's size, as a power of two where it is one. */
export function formatSize(size: number): string {
  const log = Math.log2(size);
  return size >= 16 && Number.isInteger(log) ? `2^${log}` : formatCount(size);
}

/** A rate per second, e.g. items. */
export function formatRate(perSecond: number): string {
  return perSecond >= 1000 ? formatCount(Number(perSecond.toPrecision(3))) : significant(perSecond);
}

/** What is said of runs that are tests. */
export function formatSeeded(count: number): string {
  return count === 1
    ? '1 run with seeded protocol randomness (a test, no measurement)'
    : `${count} runs with seeded protocol randomness (tests, no measurements)`;
}
