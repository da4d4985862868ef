/** What can be chosen, and a session that knows it. */
import type { OptionSpecs, Session, ValuesOf } from '../../bench/contract.ts';
import { BASES } from './base.ts';

export const OPTIONS = {
  base: {
    type: 'enum',
    values: BASES,
    default: 'direct',
    description:
      'base transfers: direct makes all 448 on the curve, extended grows them from 128 (less work, one flight more)',
  },
} as const satisfies OptionSpecs;

export type KkrtSession = Session<ValuesOf<typeof OPTIONS>>;
