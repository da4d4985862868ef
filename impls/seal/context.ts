/** A parameter set as SEAL has it: the chain of moduli, checked for 128 bits of security. */
import type {
  BatchEncoder,
  Ciphertext,
  EncryptionParameters,
  Evaluator,
  ParmsIdType,
  SEALContext,
} from 'node-seal';
import type { ParameterSet } from './parameters.ts';
import { guarded, Scope, type Seal } from './runtime.ts';

/** One level of the chain: which primes are left. */
export interface Level {
  readonly id: ParmsIdType;
  /** The id as SEAL writes it: 32 bytes. */
  readonly idBytes: Uint8Array;
  /** Bits of each prime. */
  readonly widths: readonly number[];
}

/** What both parties need of SEAL; dispose of it to free it all. */
export class Context implements Disposable {
  readonly seal: Seal;
  readonly set: ParameterSet;
  readonly context: SEALContext;
  readonly encoder: BatchEncoder;
  readonly evaluator: Evaluator;
  /** Keys; with the prime for key switching, when there is one. */
  readonly key: Level;
  /** Where powers are encrypted. */
  readonly first: Level;
  /** Where polynomials are evaluated. */
  readonly evaluation: Level;
  /** Where answers are sent: one prime. */
  readonly last: Level;
  readonly #scope = new Scope();

  /** @throws Error when SEAL does not take the parameters, e.g. because they have less than 128 bits of security. */
  constructor(seal: Seal, set: ParameterSet) {
    this.seal = seal;
    this.set = set;
    try {
      const own = <T extends Disposable>(object: T): T => this.#scope.own(object);
      using parameters = encryptionParameters(seal, set);
      this.context = own(
        guarded(
          seal,
          `parameter set "${set.id}"`,
          () => new seal.SEALContext(parameters, true, seal.SecLevelType.tc128),
        ),
      );
      if (!this.context.parametersSet()) {
        throw new Error(`parameter set "${set.id}" is not one that SEAL takes for 128 bits of security`);
      }
      this.encoder = own(new seal.BatchEncoder(this.context));
      this.evaluator = own(new seal.Evaluator(this.context));
      const widths = set.coeffModulus.map((prime) => BigInt(prime).toString(2).length);
      const level = (id: ParmsIdType, primes: number): Level => ({
        id: own(id),
        idBytes: new Uint8Array(BigUint64Array.from(id.values() as Iterable<bigint>).buffer),
        widths: widths.slice(0, primes),
      });
      const data = Math.max(1, widths.length - 1);
      this.key = level(this.context.keyParmsId(), widths.length);
      this.first = level(this.context.firstParmsId(), data);
      this.last = level(this.context.lastParmsId(), 1);
      this.evaluation = level(this.#lowered(set.dropBeforeEvaluation), data - set.dropBeforeEvaluation);
    } catch (error) {
      this.#scope[Symbol.dispose]();
      throw error;
    }
  }

  get slots(): number {
    return this.set.polyModulusDegree;
  }

  /** Whether powers can be multiplied: there is a prime for key switching. */
  get switchesKeys(): boolean {
    return this.key.widths.length > 1;
  }

  /** A new, empty ciphertext; the caller's to free. */
  ciphertext(): Ciphertext {
    return new this.seal.Ciphertext();
  }

  [Symbol.dispose](): void {
    this.#scope[Symbol.dispose]();
  }

  /** The id of the level `steps` below the first. */
  #lowered(steps: number): ParmsIdType {
    using scope = new Scope();
    let data = scope.own(this.context.firstContextData());
    for (let i = 0; i < steps; i++) data = scope.own(data.nextContextData());
    return data.parmsId();
  }
}

const shared = new Map<string, Context>();

/**
 * The context of a set, built once per process: that takes up to 0.2 s, most of it for tables, and depends
 * on nothing but the public parameters. There are as many as there are sets, and they are never freed.
 * @throws Error as the constructor does.
 */
export function sharedContext(seal: Seal, set: ParameterSet): Context {
  let context = shared.get(set.id);
  if (!context) {
    context = new Context(seal, set);
    shared.set(set.id, context);
  }
  return context;
}

function encryptionParameters(seal: Seal, set: ParameterSet): EncryptionParameters {
  using scope = new Scope();
  const parameters = new seal.EncryptionParameters(seal.SchemeType.bgv);
  parameters.setPolyModulusDegree(set.polyModulusDegree);
  const primes = scope.own(new seal.VectorModulus());
  for (const prime of set.coeffModulus) primes.push_back(scope.own(new seal.Modulus(BigInt(prime))));
  parameters.setCoeffModulus(primes);
  parameters.setPlainModulus(scope.own(new seal.Modulus(BigInt(set.plainModulus))));
  return parameters;
}
