/** What can be chosen, and a session that knows it. */
import type { OptionSpecs, Session, ValuesOf } from '../../bench/contract.ts';
import { ENGINES } from '../primitives/curve/engine.ts';

export const OPTIONS = {
  engine: {
    type: 'enum',
    values: ['auto', ...ENGINES],
    default: 'wasm',
    description:
      'code that multiplies: wasm and sodium on Curve25519, noble (the slow reference) on ristretto255; auto takes the fastest that is there',
  },
} as const satisfies OptionSpecs;

export type Options = ValuesOf<typeof OPTIONS>;
export type EcdhSession = Session<Options>;
