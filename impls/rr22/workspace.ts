/** What both parties compute with: a memory, the store, the code, and how items become blocks. */
import type { ItemSet, Session } from '../../bench/contract.ts';
import { Digester } from '../primitives/digest/digest.ts';
import { ExpandConvolute } from '../primitives/expand-convolute/expand-convolute.ts';
import { kernelModule } from '../primitives/kernels/load.ts';
import { BandStore } from '../primitives/okvs/band/band.ts';
import { SparseStore } from '../primitives/okvs/sparse/sparse.ts';
import type { Arranged, Decoding, Encoding, FreeColumns } from '../primitives/okvs/store.ts';
import type { VoleKeys, VoleSetting } from '../primitives/vole/vole.ts';
import { Crew } from '../primitives/working-memory/crew.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { type Parameters, parametersOf } from './parameters.ts';
import { SplitCode, SplitGardener } from './threads/split.ts';

const KERNELS = [
  'curve',
  'digest',
  'aes',
  'transpose',
  'ot',
  'gf128',
  'ggm',
  'vole',
  'expand-convolute',
  'arrange',
  'sparse',
  'band',
  'tags',
  'join',
  'sort',
];

/** Loads the code that is compiled, as a program's own would have been before it begins. */
export function loadKernels(): void {
  for (const name of KERNELS) kernelModule(name);
}

/** One block of SHA-256, so that it costs nothing per item. */
const ITEM_DOMAIN = new TextEncoder().encode('psi-rr22-1:item'.padEnd(64, '\0'));

/** Items in the order of a store's columns, and what can be done with them. */
export interface Placed extends Arranged {
  encode(values: number, out: number, free: FreeColumns): Encoding;
  decoding(columns: number, out: number): Decoding;
}

/** A party's memory and what computes in it. */
export class Workspace {
  readonly parameters: Parameters;
  readonly memory: WorkingMemory;
  readonly setting: VoleSetting;
  /** Address of `setting.code.bytes` bytes: the vector that the code encodes, and free room before. */
  readonly vector: number;
  readonly #session: Session;
  readonly #crew: Crew | undefined;

  /** Makes the workspace of one run, and starts its threads if it may have any. */
  static async open(session: Session): Promise<Workspace> {
    const memory = new WorkingMemory();
    const crew =
      session.threads > 1
        ? await Crew.start(memory, session.threads, new URL('./threads/tasks.ts', import.meta.url))
        : undefined;
    return new Workspace(session, memory, crew);
  }

  private constructor(session: Session, memory: WorkingMemory, crew: Crew | undefined) {
    this.#session = session;
    this.memory = memory;
    this.parameters = parametersOf(session);
    const { vole } = this.parameters;
    const code = new ExpandConvolute(memory, vole.rows);
    this.#crew = crew;
    this.setting = {
      memory,
      shape: vole,
      code: crew ? new SplitCode(code, crew) : code,
      ...(crew && { gardener: (keys: VoleKeys) => new SplitGardener(memory, crew, vole.forest, keys) }),
      step: (name, work) => this.step(name, work),
    };
    this.vector = memory.allocate(this.setting.code.bytes);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#crew?.close();
  }

  /** Writes the items' blocks, the first 16 bytes of SHA-256 each, to `to`. */
  digest(items: ItemSet, to: number): void {
    const out = this.memory.bytes(to, items.count * 16);
    new Digester({ prefix: ITEM_DOMAIN }).range(items, 0, items.count, out);
  }

  /** Brings `count` blocks at `items` into the order of the store's columns under `key`. */
  place(items: number, count: number, key: Uint8Array): Placed {
    const { store, stored } = this.parameters;
    return store === 'band'
      ? placedIn(new BandStore(this.memory, stored), items, count, key)
      : placedIn(new SparseStore(this.memory, stored), items, count, key);
  }

  /** Runs `work` and records its time as a step of the session. */
  step<T>(name: string, work: () => T): T {
    return timeStep(this.#session, name, work);
  }

  /** The same for waiting: for a message, or until one has left. */
  async wait<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.#session.step(name, performance.now() - start);
    return result;
  }
}

/** A store of either kind, together with what it arranged. */
function placedIn<A extends Arranged>(
  store: {
    arrange(items: number, count: number, key: Uint8Array): A;
    encode(arranged: A, values: number, out: number, free: FreeColumns): Encoding;
    decoding(arranged: A, columns: number, out: number): Decoding;
  },
  items: number,
  count: number,
  key: Uint8Array,
): Placed {
  const arranged = store.arrange(items, count, key);
  return {
    count: arranged.count,
    items: arranged.items,
    numbers: arranged.numbers,
    encode: (values, out, free) => store.encode(arranged, values, out, free),
    decoding: (columns, out) => store.decoding(arranged, columns, out),
  };
}

/** Runs `work` and records its time as a step of the session. */
export function timeStep<T>(session: Pick<Session, 'step'>, name: string, work: () => T): T {
  const start = performance.now();
  const result = work();
  session.step(name, performance.now() - start);
  return result;
}
