/** Polynomials modulo a prime, one per slot of a ciphertext: the WebAssembly kernel of `assembly/`. */
import { kernelModule } from '../../primitives/kernels/load.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly input: WebAssembly.Global<'i32'>;
  readonly output: WebAssembly.Global<'i32'>;
  layout(slots: number, degree: number): number;
  fromRoots(slots: number, degree: number, modulus: number): void;
  power(slots: number, exponent: number, modulus: number): void;
}

const MAX_DEGREE = 2047;
const MODULUS_LIMIT = 2 ** 25;

/** Its memory is reused: what a method returns is overwritten by the next call. */
export class Polynomials {
  readonly slots: number;
  readonly modulus: number;
  readonly #kernel: Kernel;

  /**
   * @param slots how many polynomials, an even number.
   * @param modulus a prime t < 2^25.
   * @throws RangeError when an argument does not fit.
   */
  constructor(slots: number, modulus: number) {
    if (!Number.isInteger(slots) || slots < 2 || slots % 2 !== 0) {
      throw new RangeError(`"slots" must be an even number, got ${slots}`);
    }
    if (!Number.isInteger(modulus) || modulus < 2 || modulus >= MODULUS_LIMIT) {
      throw new RangeError(`"modulus" must be from 2 to 2^25 - 1, got ${modulus}`);
    }
    this.slots = slots;
    this.modulus = modulus;
    this.#kernel = new WebAssembly.Instance(kernelModule('polynomials')).exports as unknown as Kernel;
  }

  /**
   * Coefficients of the monic polynomials with the given roots.
   * @param fill writes the roots, each below the modulus: root r of slot s at r·slots + s.
   * @returns the coefficient of x^k of slot s at k·slots + s, k = 0 … degree; a view.
   * @throws RangeError when `degree` is out of range.
   */
  fromRoots(degree: number, fill: (roots: Uint32Array) => void): BigUint64Array {
    if (!Number.isInteger(degree) || degree < 0 || degree > MAX_DEGREE) {
      throw new RangeError(`"degree" must be 0 to ${MAX_DEGREE}, got ${degree}`);
    }
    fill(this.#input(degree));
    this.#kernel.fromRoots(this.slots, degree, this.modulus);
    return this.#output((degree + 1) * this.slots);
  }

  /**
   * Values to the power `exponent` ≥ 1, slot by slot.
   * @throws RangeError when an argument does not fit.
   */
  power(values: Uint32Array, exponent: number): BigUint64Array {
    if (values.length !== this.slots) {
      throw new RangeError(`"values" must be ${this.slots}, got ${values.length}`);
    }
    if (!Number.isInteger(exponent) || exponent < 1 || exponent > MAX_DEGREE) {
      throw new RangeError(`"exponent" must be 1 to ${MAX_DEGREE}, got ${exponent}`);
    }
    this.#input(1).set(values);
    this.#kernel.power(this.slots, exponent, this.modulus);
    return this.#output(this.slots);
  }

  #input(degree: number): Uint32Array {
    if (!this.#kernel.layout(this.slots, degree)) {
      throw new RangeError(`polynomials of degree ${degree} in ${this.slots} slots do not fit the memory`);
    }
    return new Uint32Array(this.#kernel.memory.buffer, this.#kernel.input.value, degree * this.slots);
  }

  #output(count: number): BigUint64Array {
    return new BigUint64Array(this.#kernel.memory.buffer, this.#kernel.output.value, count);
  }
}
