/** What an enclave runs, and what it is given: all that it can reach. */
import type { SecurityModule } from '../nsm/module.ts';
import type { Connection } from './multiplexer.ts';

/** The world of a guest. */
export interface EnclaveEnvironment {
  /** The security module: attestation documents, random bytes, PCRs. */
  readonly module: SecurityModule;
  /** What the image carries for this guest: measured, as its code is. */
  readonly settings: unknown;
  /** The next connection that the host opens. Never resolves when the host opens none. */
  accept(): Promise<Connection>;
}

/**
 * A program for the enclave: the default export of the module that the launcher is given. It returns when
 * it is done; then the enclave ends.
 */
export type Guest = (environment: EnclaveEnvironment) => Promise<void>;

/** Written into every image: which guest it starts, and how. */
export interface ImageManifest {
  /** Path of the guest's module within the image. */
  readonly guest: string;
  /** Path of the first module: the runtime's. */
  readonly entry: string;
  /** Node's options; see `flags.ts`. */
  readonly flags: readonly string[];
  /** See {@link EnclaveEnvironment.settings}. */
  readonly settings?: unknown;
}

export const MANIFEST = 'image.json';

/** Where the enclave process starts, within an image that is not built beforehand. */
export const ENTRY = 'impls/enclave/runtime/inside/main.ts';
/** The same where stream and security module are Linux's own devices. */
export const KERNEL_ENTRY = 'impls/enclave/runtime/inside/kernel.ts';

/**
 * The descriptors of the one stream: host to enclave, enclave to host. Not standard input and output, which
 * are a guest's to print to; nobody reads them unless the enclave runs in debug mode.
 */
export const STREAM = { input: 3, output: 4 } as const;

/** What an enclave's process has used. */
export interface EnclaveUsage {
  /** User and system time since the start, in ms. */
  readonly cpuMs: number;
  /** Largest resident memory so far. */
  readonly peakBytes: number;
}

/** The enclave's connection to its security module; that it opens says that the enclave is up. */
export const MODULE_LABEL = 'runtime/nsm';
/** The enclave opens this one when it ends by a fault: one chunk, {@link crashReason}. */
export const CRASH_LABEL = 'runtime/crash';
/** A connection of this label is answered by the runtime, not the guest: the process's usage, as JSON. */
export const USAGE_LABEL = 'runtime/usage';
