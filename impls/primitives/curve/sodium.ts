/**
 * Engine `sodium`: libsodium's X25519, one call per point. Items are hashed by the kernel, for libsodium
 * has no hash to Curve25519's u-coordinates; what is independent of the kernel is the multiplication.
 */
import { createRequire } from 'node:module';
import type { ItemSet, Random } from '../../../bench/contract.ts';
import type { Engine } from './interface.ts';
import { checkLengths, clamp, judge, PointError, SMALL_ORDER } from './points.ts';
import { WasmEngine } from './wasm.ts';

interface Sodium {
  crypto_scalarmult(out: Uint8Array, scalar: Uint8Array, point: Uint8Array): void;
}

let sodium: Sodium | undefined;
let missing: string | undefined;

function load(): Sodium | undefined {
  if (sodium || missing) return sodium;
  try {
    sodium = createRequire(import.meta.url)('sodium-native') as Sodium;
  } catch (error) {
    missing = `engine "sodium" needs the package sodium-native: npm install sodium-native (${(error as Error).message.split('\n')[0]})`;
  }
  return sodium;
}

/** `true`, or what to install. */
export function sodiumAvailable(): true | string {
  return load() ? true : missing!;
}

export class SodiumEngine implements Engine {
  readonly name = 'sodium';
  readonly group = 'curve25519' as const;
  readonly batch = 512;
  readonly #sodium: Sodium;
  readonly #hash = new WasmEngine();

  /** @throws Error when sodium-native is not installed. */
  constructor() {
    const loaded = load();
    if (!loaded) throw new Error(missing);
    this.#sodium = loaded;
  }

  scalar(random: Random): Uint8Array {
    return clamp(random.bytes(32));
  }

  hash(items: ItemSet, out: Uint8Array): void {
    this.#hash.hash(items, out);
  }

  multiply(scalar: Uint8Array, points: Uint8Array, out: Uint8Array): void {
    checkLengths(scalar, points, out);
    const point = Buffer.alloc(32);
    const product = Buffer.alloc(32);
    const key = Buffer.from(scalar);
    for (let at = 0; at < points.length; at += 32) {
      point.set(points.subarray(at, at + 32));
      const reason = judge(point);
      if (reason) throw new PointError(at / 32, reason);
      try {
        this.#sodium.crypto_scalarmult(product, key, point);
      } catch {
        // libsodium fails exactly when the product is 0.
        throw new PointError(at / 32, SMALL_ORDER);
      }
      out.set(product, at);
    }
    key.fill(0);
  }
}
