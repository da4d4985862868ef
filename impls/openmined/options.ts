/** What can be chosen, what it is good for, and how far it goes. */
import type { OptionSpecs, Session, ValuesOf } from '../../bench/contract.ts';

/** log2 of the probability that a run's result is wrong, at the default (and highest) `fpr`. */
export const FALSE_POSITIVE_LOG2 = -30;

export const OPTIONS = {
  structure: {
    type: 'enum',
    values: ['auto', 'gcs', 'raw'],
    default: 'auto',
    description:
      "in what the sender's points travel: gcs, a Golomb-compressed set of their hashes (the library's default); raw, the points themselves, exact; auto takes gcs where the library's hashes are long enough for fpr",
  },
  fpr: {
    type: 'number',
    min: 2 ** -50,
    max: 2 ** FALSE_POSITIVE_LOG2,
    default: 2 ** FALSE_POSITIVE_LOG2,
    description: "the library's false-positive rate: of a whole run, not of an item; only for gcs",
  },
} as const satisfies OptionSpecs;

export type Options = ValuesOf<typeof OPTIONS>;
export type OpenminedSession = Session<Options>;
export type Setting = Pick<OpenminedSession, 'sizes' | 'options'>;

/** Hashes are 64-bit numbers with a sign in the library. */
const HIGHEST_RANGE = 2 ** 62;
/** Up to here the library's double-precision formula for its Golomb code holds; it crashes from 2^53 on. */
const HIGHEST_SPREAD = 2 ** 50;

/** Into how many values the library hashes the sender's points (its `gcs.cpp`, in the same floating-point steps). */
export function hashRange({ sizes, options }: Setting): number {
  return Math.trunc(Math.max(sizes.receiver, sizes.sender) / (options.fpr / sizes.receiver));
}

/** @throws Error when gcs is asked for and the library's hashes are too short for it */
export function structureOf(setting: Setting): 'gcs' | 'raw' {
  const { sizes, options } = setting;
  const range = hashRange(setting);
  const fits = range <= HIGHEST_RANGE && range / sizes.sender <= HIGHEST_SPREAD;
  if (options.structure === 'auto') return fits ? 'gcs' : 'raw';
  if (options.structure === 'gcs' && !fits) {
    throw new Error(
      `the hashes of @openmined/psi.js are too short for ${sizes.receiver} × ${sizes.sender} items at a false-positive rate of ${options.fpr}: --set openmined.structure=raw`,
    );
  }
  return options.structure;
}
