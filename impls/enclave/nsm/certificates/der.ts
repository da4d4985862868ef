/**
 * Writes DER (ITU-T X.690): the types that the emulator's certificates have. `attestation/der.ts` reads it. A library for
 * all of X.509 takes longer to load than an enclave takes to launch.
 */
import { DER } from '../../attestation/der.ts';

/** A value with its identifier and length. */
export type Der = Uint8Array;

function value(identifier: number, ...contents: readonly Uint8Array[]): Der {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  const lengthBytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return new Uint8Array(Buffer.concat([Uint8Array.of(identifier, ...lengthBytes), ...contents]));
}

export const sequence = (...parts: readonly Der[]): Der => value(DER.sequence, ...parts);
export const set = (...parts: readonly Der[]): Der => value(DER.set, ...parts);
/** `[number] EXPLICIT`. */
export const explicit = (number: number, part: Der): Der => value(DER.context(number), part);
export const octetString = (bytes: Uint8Array): Der => value(DER.octetString, bytes);
/** A whole number of bytes. */
export const bitString = (bytes: Uint8Array): Der => value(DER.bitString, Uint8Array.of(0), bytes);
export const printableString = (text: string): Der => value(DER.printableString, Buffer.from(text, 'latin1'));
export const utf8String = (text: string): Der => value(DER.utf8String, Buffer.from(text));
/** TRUE: in certificates FALSE is a default, which DER leaves out. */
export const isTrue: Der = value(DER.boolean, Uint8Array.of(0xff));

/** A non-negative INTEGER from big-endian bytes. */
export function unsigned(bytes: Uint8Array): Der {
  const first = bytes.findIndex((byte) => byte !== 0);
  const minimal = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  return value(DER.integer, ...((minimal[0] ?? 0) >= 0x80 ? [Uint8Array.of(0)] : []), minimal);
}

/** An OBJECT IDENTIFIER from its numbers: X.690, 8.19. */
export function oid(...numbers: readonly number[]): Der {
  const [first = 0, second = 0, ...rest] = numbers;
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const digits = [number & 127];
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128);
    return digits;
  });
  return value(DER.oid, Uint8Array.from(bytes));
}

/** A BIT STRING of named bits, `bits[i]` for bit i: DER cuts trailing zeros (X.690, 11.2.2). */
export function namedBits(numbers: readonly number[]): Der {
  const last = Math.max(-1, ...numbers);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of numbers) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return value(DER.bitString, Uint8Array.of(last < 0 ? 0 : 7 - (last & 7)), bytes);
}

/** A time in whole seconds, as RFC 5280 §4.1.2.5 has it: UTCTime through 2049, GeneralizedTime after. `at`: ms since 1970. */
export function time(at: number): Der {
  const digits = `${new Date(at).toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`;
  return digits < '2050'
    ? value(DER.utcTime, Buffer.from(digits.slice(2)))
    : value(DER.generalizedTime, Buffer.from(digits));
}
