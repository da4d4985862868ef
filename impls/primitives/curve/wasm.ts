/** Engine `wasm`: the kernel of `assembly/`. */
import { createHash } from 'node:crypto';
import type { ItemSet, Random } from '../../../bench/contract.ts';
import { kernelModule } from '../kernels/load.ts';
import type { Engine } from './interface.ts';
import { checkLengths, checkOut, clamp, NOT_CANONICAL, PointError, SMALL_ORDER } from './points.ts';

/** What the kernel exports; see `assembly/index.ts`. */
export interface CurveKernel {
  readonly memory: WebAssembly.Memory;
  capacity(): number;
  itemCapacity(): number;
  pointsAt(): number;
  uniformAt(): number;
  scalarAt(): number;
  itemsAt(): number;
  offsetsAt(): number;
  isFused(): number;
  firstRefused(count: number): number;
  multiply(count: number, fused: boolean): void;
  setDomain(length: number): void;
  expandItems(count: number): void;
  mapToCurve(count: number, fused: boolean): void;
  testProduct(square: boolean, fused: boolean): void;
  testElement(which: number): number;
  testEncode(lane: number): void;
}

/** A fresh instance: 512 KiB. Its code is compiled once per process. */
export function curveKernel(): CurveKernel {
  return new WebAssembly.Instance(kernelModule('curve')).exports as unknown as CurveKernel;
}

let usable: true | string | undefined;

/** `true`, or why the kernel does not load: it is not built, or the runtime has no relaxed SIMD. */
export function kernelAvailable(): true | string {
  if (usable !== undefined) return usable;
  try {
    curveKernel();
    usable = true;
  } catch (error) {
    usable = `the kernel "curve" does not load: use Node 22 or newer and run "npm run build" (${(error as Error).message})`;
  }
  return usable;
}

let fusedHere: boolean | undefined;

/** Whether `relaxed_madd` rounds once on this machine, so that the fast arithmetic is exact. */
export function relaxedMaddIsFused(): boolean {
  fusedHere ??= curveKernel().isFused() !== 0;
  return fusedHere;
}

/**
 * Domain separation tag of the hash to the curve. With at most 44 bytes and items of at most 66, hashing
 * takes two blocks of SHA-512.
 */
export const DOMAIN = 'psi-ecdh-1:curve25519_XMD:SHA-512_ELL2_NU_';

export class WasmEngine implements Engine {
  readonly name: string;
  readonly group = 'curve25519' as const;
  readonly batch: number;
  readonly #kernel: CurveKernel;
  readonly #fused: boolean;
  readonly #domain: Uint8Array;
  readonly #points: Uint8Array;
  readonly #scalar: Uint8Array;
  readonly #uniform: Uint8Array;
  readonly #items: Uint8Array;
  readonly #offsets: Uint32Array;

  /** `fused: false` takes the arithmetic that needs no fused multiply-add; `domain` is for test vectors. */
  constructor({ fused = relaxedMaddIsFused(), domain = DOMAIN } = {}) {
    this.#kernel = curveKernel();
    this.#fused = fused;
    this.name = fused ? 'wasm' : 'wasm-unfused';
    this.batch = this.#kernel.capacity();
    const { buffer } = this.#kernel.memory;
    this.#points = new Uint8Array(buffer, this.#kernel.pointsAt(), this.batch * 32);
    this.#scalar = new Uint8Array(buffer, this.#kernel.scalarAt(), 32);
    this.#uniform = new Uint8Array(buffer, this.#kernel.uniformAt(), this.batch * 48);
    this.#items = new Uint8Array(buffer, this.#kernel.itemsAt(), this.#kernel.itemCapacity());
    this.#offsets = new Uint32Array(buffer, this.#kernel.offsetsAt(), this.batch + 1);
    this.#domain = new TextEncoder().encode(domain);
    this.#items.set(this.#domain);
    this.#kernel.setDomain(this.#domain.length);
  }

  scalar(random: Random): Uint8Array {
    return clamp(random.bytes(32));
  }

  hash(items: ItemSet, out: Uint8Array): void {
    checkOut(items.count, out);
    const { offsets } = items;
    for (let next = 0; next < items.count; ) {
      // As many items as fit. One that does not fit at all is expanded outside.
      const limit = Math.min(items.count, next + this.batch);
      const first = offsets[next]!;
      let end = next;
      while (end < limit && offsets[end + 1]! - first <= this.#items.length) end++;
      if (end === next) {
        this.#uniform.set(expandLong(items.data.subarray(first, offsets[next + 1]), this.#domain));
        end = next + 1;
      } else {
        this.#items.set(items.data.subarray(first, offsets[end]));
        for (let i = next; i <= end; i++) this.#offsets[i - next] = offsets[i]! - first;
        this.#kernel.expandItems(end - next);
      }
      const count = end - next;
      this.#kernel.mapToCurve(count, this.#fused);
      out.set(this.#points.subarray(0, count * 32), next * 32);
      next = end;
    }
  }

  multiply(scalar: Uint8Array, points: Uint8Array, out: Uint8Array): void {
    checkLengths(scalar, points, out);
    const step = this.batch * 32;
    for (let from = 0; from < points.length; from += step) {
      const piece = points.subarray(from, from + step);
      const count = piece.length / 32;
      this.#points.set(piece);
      const refused = this.#kernel.firstRefused(count);
      if (refused >= 0) {
        const reason = (refused & 3) === 1 ? NOT_CANONICAL : SMALL_ORDER;
        throw new PointError(from / 32 + (refused >> 2), reason);
      }
      this.#scalar.set(scalar);
      this.#kernel.multiply(count, this.#fused);
      this.#scalar.fill(0);
      out.set(this.#points.subarray(0, piece.length), from);
    }
  }
}

/** expand_message_xmd (RFC 9380, section 5.3.1) with SHA-512 for 48 bytes, for items too long for the kernel's buffer. */
function expandLong(item: Uint8Array, domain: Uint8Array): Uint8Array {
  const tag = new Uint8Array([...domain, domain.length]);
  const b0 = createHash('sha512').update(new Uint8Array(128)).update(item);
  const digest = b0
    .update(Uint8Array.of(0, 48, 0))
    .update(tag)
    .digest();
  return createHash('sha512').update(digest).update(Uint8Array.of(1)).update(tag).digest().subarray(0, 48);
}
