/**
 * A sender's preparations, kept in the process for the next run (option `reuse`): polynomials, their seed
 * and the OPRF key that belongs to them. One set of them at a time.
 */
import type { Bundles } from './bundles.ts';

export interface Preparation {
  readonly bundles: Bundles;
  /** The OPRF key, 32 bytes. */
  readonly key: Uint8Array;
}

/** Preparations in use by one run. */
export interface Kept extends Preparation {
  /** To be called once, when the run is over. */
  release(): void;
}

interface Entry {
  readonly identity: string;
  readonly preparation: Preparation;
  users: number;
}

let current: Entry | undefined;

/** The preparations called `identity`, built when they are not there; others are dropped for them. */
export async function keep(identity: string, build: () => Promise<Preparation>): Promise<Kept> {
  if (current?.identity !== identity) {
    // First, so that two large preparations are not in memory at once.
    dropReused();
    current = { identity, preparation: await build(), users: 0 };
  }
  const entry = current;
  entry.users++;
  const release = () => {
    entry.users--;
    if (entry !== current) freeUnused(entry);
  };
  return { ...entry.preparation, release };
}

/** Frees what is kept, as soon as no run uses it. */
export function dropReused(): void {
  const old = current;
  current = undefined;
  if (old) freeUnused(old);
}

function freeUnused({ users, preparation }: Entry): void {
  if (users > 0) return;
  preparation.bundles[Symbol.dispose]();
  preparation.key.fill(0);
}
