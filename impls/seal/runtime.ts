/**
 * SEAL in WebAssembly (`node-seal`), loaded once per process, with three things added: the randomness of
 * the session instead of its own, errors that are sentences, and scopes that free what the garbage
 * collector does not see.
 */
import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import initialize, { type MainModule } from 'node-seal';
import type { Random } from '../../bench/contract.ts';

export type Seal = MainModule;

/** A C++ exception, as this build of Emscripten throws it: its type and its text. */
interface CppException {
  readonly message: readonly [string, string];
}

interface Hooks {
  decrementExceptionRefcount(exception: unknown): void;
}

let loading: Promise<Seal> | undefined;
let memory: WebAssembly.Memory | undefined;
let source: Pick<Random, 'fill'> = { fill: (target) => randomFillSync(target) };

/**
 * The library; the same for all callers.
 * @throws Error when this build of node-seal does not ask for random bytes in the way that is known here.
 */
export function loadSeal(): Promise<Seal> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Seal> {
  const file = new URL('./seal_throws.wasm', import.meta.resolve('node-seal'));
  const module = await WebAssembly.compile(await readFile(file));
  return new Promise((resolve, reject) => {
    initialize({
      instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
        takeOverRandomness(imports);
        WebAssembly.instantiate(module, imports).then((instance) => {
          memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
          done(instance);
        }, reject);
        return {};
      },
    }).then(resolve, reject);
  });
}

/** Every random number of SEAL comes from seeds that it gets through the system interface's `random_get`. */
function takeOverRandomness(imports: WebAssembly.Imports): void {
  for (const group of Object.values(imports)) {
    for (const [name, value] of Object.entries(group)) {
      if (typeof value !== 'function' || value.name !== '_random_get') continue;
      group[name] = (at: number, length: number): number => {
        source.fill(new Uint8Array(memory!.buffer, at >>> 0, length >>> 0));
        return 0;
      };
      return;
    }
  }
  throw new Error('this build of node-seal has no random_get: install the version of the lock file');
}

/**
 * Runs `work`, which must be synchronous, with SEAL drawing its seeds from `random`: the operating
 * system's in every measured run, seeded under test.
 */
export function withRandom<T>(random: Random, work: () => T): T {
  const before = source;
  source = random;
  try {
    return work();
  } finally {
    source = before;
  }
}

/**
 * Runs `work`; what SEAL throws becomes an Error that begins with `what`, e.g. "the sender's answer 3".
 * @throws Error
 */
export function guarded<T>(seal: Seal, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isCppException(error)) throw error;
    const [type, text] = error.message;
    // Without this the exception object stays in SEAL's memory.
    (seal as unknown as Hooks).decrementExceptionRefcount(error);
    throw new Error(`${what} was refused by SEAL: ${text || type}`);
  }
}

function isCppException(error: unknown): error is CppException {
  const { Exception } = WebAssembly as unknown as { Exception: new () => object };
  return error instanceof Exception && Array.isArray((error as unknown as CppException).message);
}

/** Bytes of SEAL's memory: it grows when it must and never shrinks. */
export function heapBytes(): number {
  return memory?.buffer.byteLength ?? 0;
}

/** Objects of SEAL, freed together, the youngest first: `using scope = new Scope()`. */
export class Scope implements Disposable {
  readonly #owned: Disposable[] = [];

  /** Takes over `object` and returns it. */
  own<T extends Disposable>(object: T): T {
    this.#owned.push(object);
    return object;
  }

  [Symbol.dispose](): void {
    for (let object = this.#owned.pop(); object; object = this.#owned.pop()) object[Symbol.dispose]();
  }
}
