/** What the tests of the homomorphic part share: both parties' keys in one place. */
import type { Ciphertext, Decryptor, Encryptor, RelinKeys } from 'node-seal';
import { Context } from './context.ts';
import type { ParameterSet } from './parameters.ts';
import { Polynomials } from './polynomials/polynomials.ts';
import { loadSeal, Scope, type Seal } from './runtime.ts';

/** A context with all keys; dispose of it. */
export interface Workshop extends Disposable {
  readonly seal: Seal;
  readonly context: Context;
  readonly encryptor: Encryptor;
  readonly decryptor: Decryptor;
  readonly keys: RelinKeys | undefined;
  readonly scope: Scope;
  /** Encrypted powers of the values, one per slot, as the receiver sends them. */
  encryptPowers(values: Uint32Array, powers: readonly number[]): Map<number, Ciphertext>;
  decrypt(ciphertext: Ciphertext): Uint32Array;
}

export async function openWorkshop(set: ParameterSet): Promise<Workshop> {
  const seal = await loadSeal();
  const scope = new Scope();
  const own = <T extends Disposable>(object: T): T => scope.own(object);
  const context = own(new Context(seal, set));
  const generator = own(new seal.KeyGenerator(context.context));
  const secret = own(generator.secretKey());
  const encryptor = own(new seal.Encryptor(context.context, own(generator.createPublicKey()), secret));
  const decryptor = own(new seal.Decryptor(context.context, secret));
  return {
    seal,
    context,
    encryptor,
    decryptor,
    keys: context.switchesKeys ? own(generator.createRelinKeys()) : undefined,
    scope,
    encryptPowers(values, powers) {
      const polynomials = new Polynomials(context.slots, set.plainModulus);
      using plaintext = new seal.Plaintext();
      return new Map(
        powers.map((power) => {
          context.encoder.encode(polynomials.power(values, power), plaintext);
          const ciphertext = own(context.ciphertext());
          encryptor.encryptSymmetric(plaintext, ciphertext);
          return [power, ciphertext];
        }),
      );
    },
    decrypt(ciphertext) {
      using plaintext = new seal.Plaintext();
      decryptor.decrypt(ciphertext, plaintext);
      return Uint32Array.from(context.encoder.decodeBigUint64(plaintext) as BigUint64Array, Number);
    },
    [Symbol.dispose]: () => scope[Symbol.dispose](),
  };
}

/** The value at x of the polynomial with these coefficients, lowest first, modulo t < 2^26. */
export function evaluatePlain(coefficients: readonly number[], x: number, t: number): number {
  return coefficients.reduceRight((sum, coefficient) => (sum * x + coefficient) % t, 0);
}
