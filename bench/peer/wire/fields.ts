/**
 * Checks of single fields of what another host sent. Each returns a value of ours, so that nothing else of
 * the message goes any further, and throws a ProtocolError that names the field.
 */
import { ProtocolError } from '../../errors.ts';

export function fail(what: string): never {
  throw new ProtocolError(`the other host sent an invalid "${what}"`);
}

/** An object that is no array. */
export function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(what);
  return value as Record<string, unknown>;
}

/** An object's entries, no more than `max`. */
export function entries(value: unknown, what: string, max: number): [string, unknown][] {
  const found = Object.entries(object(value, what));
  if (found.length > max) fail(what);
  return found;
}

/** A list of no more than `max`. */
export function list(value: unknown, what: string, max: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > max) fail(what);
  return value;
}

/** A whole number from 0 to `max`. */
export function count(value: unknown, what: string, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max) fail(what);
  return value as number;
}

/** A finite number from 0 on. */
export function amount(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) fail(what);
  return value;
}

export function oneOf<T extends string>(value: unknown, what: string, known: readonly T[]): T {
  return known.find((one) => one === value) ?? fail(what);
}

/** Lower-case hex of exactly `digits` digits. */
export function hex(value: unknown, what: string, digits: number): string {
  if (typeof value !== 'string' || value.length !== digits || !/^[0-9a-f]*$/.test(value)) fail(what);
  return value;
}

/** Text of at most `max` characters, for eyes: see {@link printable}. */
export function text(value: unknown, what: string, max = 200): string {
  if (typeof value !== 'string' || value.length > max) fail(what);
  return printable(value);
}

/** `check`ed, unless it is null. */
export function orNull<T>(value: unknown, check: (value: unknown) => T): T | null {
  return value === null ? null : check(value);
}

/**
 * Another host's words, fit for a terminal, a CSV file and a report: without control characters, line
 * separators and marks that turn the direction of writing.
 */
export function printable(words: string, max = 500): string {
  return words
    .slice(0, max)
    .replace(/[\s\p{Cc}\p{Cf}\p{Cs}\p{Co}]+/gu, ' ')
    .trim();
}
