/** What an enclave runs, and what it is given: all that it can reach. */
import type { SecurityModule } from '../nsm/module.ts';
import type { Connection } from './multiplexer.ts';

/** The world of a guest. */
export interface EnclaveEnvironment {
  /** The security module: attestation documents, random bytes, PCRs. */
  readonly module: SecurityModule;
  /** The next connection that the host opens. Never resolves when the host opens none. */
  accept(): Promise<Connection>;
}

/**
 * A program for the enclave: the default export of the module that the launcher is given. It returns when
 * it is done; then the enclave ends.
 */
export type Guest = (environment: EnclaveEnvironment) => Promise<void>;

/** Written into every image: which guest it starts. */
export interface ImageManifest {
  /** Path of the guest's module within the image. */
  readonly guest: string;
}

export const MANIFEST = 'image.json';

/** What {@link USAGE_LABEL} answers. */
export interface EnclaveUsage {
  /** User and system time since the start, in ms. */
  readonly cpuMs: number;
  /** Largest resident memory so far. */
  readonly peakBytes: number;
}

/** A connection of this label is answered by the runtime, not the guest: the process's usage, as JSON. */
export const USAGE_LABEL = 'runtime/usage';
