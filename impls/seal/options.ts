/** What can be chosen, and a session that knows it. */
import type { OptionSpecs, Session, ValuesOf } from '../../bench/contract.ts';
import { ENGINES } from '../primitives/curve/engine.ts';
import { parameterSets } from './parameters.ts';

export const OPTIONS = {
  parameters: {
    type: 'enum',
    values: ['auto', ...parameterSets().map(({ id }) => id)],
    default: 'auto',
    description: 'parameter set; auto takes the one that is predicted to be fastest for the sizes',
  },
  compress: {
    type: 'enum',
    values: ['packed', 'none'],
    default: 'packed',
    description:
      "ciphertexts at the width of their primes, or in SEAL's words of 64 bits, which takes no work",
  },
  reuse: {
    type: 'boolean',
    default: false,
    description:
      "keep the sender's preparations (and OPRF key) for later runs of the process with the same items",
  },
  engine: {
    type: 'enum',
    values: ['auto', ...ENGINES],
    default: 'wasm',
    description:
      'code that multiplies points in the OPRF: wasm and sodium on Curve25519, noble on ristretto255',
  },
} as const satisfies OptionSpecs;

export type SealSession = Session<ValuesOf<typeof OPTIONS>>;
