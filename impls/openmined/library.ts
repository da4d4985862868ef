/**
 * The package `@openmined/psi.js`: loaded once per process, typed as far as it is used here (its own typings name a
 * module that it does not have), with errors that say whose message was wrong.
 */
import { createRequire } from 'node:module';
import type { Random } from '../../bench/contract.ts';

/** A message of the library's, as google-protobuf makes them. */
interface ProtobufMessage {
  serializeBinary(): Uint8Array;
}

export interface Elements extends ProtobufMessage {
  getEncryptedElementsList_asU8(): Uint8Array[];
}

export interface Request extends Elements {
  getRevealIntersection(): boolean;
}

export interface ServerSetup extends ProtobufMessage {
  getRaw(): Elements | undefined;
  getGcs(): { getDiv(): number; getHashRange(): number } | undefined;
}

interface Codec<Message> {
  deserializeBinary(bytes: Uint8Array): Message;
}

/** The party that learns, with a key of its own: objects of WebAssembly, to be deleted. */
export interface Client {
  createRequest(items: readonly Uint8Array[]): Request;
  getIntersection(setup: ServerSetup, response: Elements): number[];
  getIntersectionSize(setup: ServerSetup, response: Elements): number;
  delete(): void;
}

export interface Server {
  /** `falsePositives` is the probability of even one false positive among all `clientItems`. */
  createSetupMessage(
    falsePositives: number,
    clientItems: number,
    items: readonly Uint8Array[],
    structure: unknown,
  ): ServerSetup;
  processRequest(request: Request): Elements;
  delete(): void;
}

export interface Library {
  readonly package: { readonly version: string };
  readonly dataStructure: { readonly Raw: unknown; readonly GCS: unknown };
  readonly client: { createFromKey(key: Uint8Array, reveal: boolean): Client };
  readonly server: { createFromKey(key: Uint8Array, reveal: boolean): Server };
  readonly request: Codec<Request>;
  readonly response: Codec<Elements>;
  readonly serverSetup: Codec<ServerSetup>;
}

let loading: Promise<Library> | undefined;

/** The library, the same for all callers. @throws Error when the package is not installed */
export function loadLibrary(): Promise<Library> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Library> {
  const initialize = createRequire(import.meta.url)('@openmined/psi.js') as () => Promise<Library>;
  return initialize();
}

/**
 * Runs `work` in the library; `fault` is what is said when it throws: its own texts are no help, as this build fails to
 * hand them over ("_emval_take_value has unknown type"). What is loaded may then be in any state, and is not used again.
 * @throws Error
 */
export function guarded<T>(fault: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    loading = undefined;
    throw new Error(`${fault} (refused by @openmined/psi.js)`, { cause });
  }
}

/** The order of P-256 (FIPS 186-5), big-endian. */
const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

/** A uniform secret key below the order of P-256, not zero, from the session's randomness. */
export function secretKey(random: Random): Uint8Array {
  for (;;) {
    const key = random.bytes(ORDER.length);
    if (Buffer.compare(key, ORDER) < 0 && key.some((byte) => byte !== 0)) return key;
  }
}
