/**
 * Multiplication of many points by one secret scalar, and hashing to the group: what protocols in the
 * Diffie-Hellman style stand on. Three engines, two groups:
 *
 * | engine | group | is |
 * |---|---|---|
 * | `wasm` | curve25519 | the kernel of `assembly/`: four points in lock-step, no dependency; the default |
 * | `sodium` | curve25519 | libsodium's X25519, native code from the optional package `sodium-native` |
 * | `noble` | ristretto255 | the reference, `@noble/curves`: bigints, slow and easy to check |
 *
 * Engines of one group compute the same function. Group `curve25519` has the u-coordinates of Curve25519 as
 * elements and clamped scalars (RFC 7748); items are hashed by curve25519_XMD:SHA-512_ELL2_NU_ (RFC 9380)
 * but for the last step, clearing the cofactor, which the clamped scalar does anyway.
 * Group `ristretto255` is RFC 9496 with hashing as in RFC 9497. Why, and what it costs: `README.md`.
 */
import type { Engine } from './interface.ts';
import { NobleEngine } from './noble.ts';
import { SodiumEngine, sodiumAvailable } from './sodium.ts';
import { kernelAvailable, relaxedMaddIsFused, WasmEngine } from './wasm.ts';

export type { Engine, Group } from './interface.ts';
export { POINT_BYTES } from './interface.ts';

export const ENGINES = ['wasm', 'sodium', 'noble'] as const;
export type EngineName = (typeof ENGINES)[number];

/**
 * Which engine `auto` is on this machine: the kernel, or libsodium where it is installed and the processor
 * has no fused multiply-add for the kernel.
 */
export function resolveEngine(name: EngineName | 'auto'): EngineName {
  if (name !== 'auto') return name;
  const kernelIsFast = kernelAvailable() !== true || relaxedMaddIsFused();
  return !kernelIsFast && sodiumAvailable() === true ? 'sodium' : 'wasm';
}

/** `true`, or what is missing and what to do. */
export function engineAvailable(name: EngineName): true | string {
  if (name === 'noble') return true;
  const kernel = kernelAvailable();
  return name === 'sodium' && kernel === true ? sodiumAvailable() : kernel;
}

/** The engine's name as the record has it: tells which arithmetic the kernel uses here. Does not throw. */
export function engineLabel(name: EngineName): string {
  return name === 'wasm' && kernelAvailable() === true && !relaxedMaddIsFused() ? 'wasm-unfused' : name;
}

/** @throws Error when the engine's package is not installed. */
export function createEngine(name: EngineName): Engine {
  if (name === 'noble') return new NobleEngine();
  return name === 'sodium' ? new SodiumEngine() : new WasmEngine();
}
