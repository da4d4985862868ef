/** What the set sizes and the options of a run fix: all sizes, and with them the length of every message. */
import type { Session } from '../../bench/contract.ts';
import { tagLength } from '../primitives/digest/tag-length.ts';
import { bandParameters } from '../primitives/okvs/band/parameters.ts';
import { sparseParameters } from '../primitives/okvs/sparse/parameters.ts';
import type { CotKind } from '../primitives/ot/cot.ts';
import { type VoleShape, voleShape } from '../primitives/vole/shape.ts';

/** Noise positions, one to a block, at every size: what 128 bits need is argued in `README.md`. */
export const NOISE_WEIGHT = 248;

export const STORES = ['sparse', 'band'] as const;
export type StoreKind = (typeof STORES)[number];

/** Sizes of one run, equal at both parties. */
export interface Parameters {
  readonly store: StoreKind;
  readonly transfers: CotKind;
  /** How many items the store is made for: the receiver's, at least one. */
  readonly stored: number;
  /** Columns of the store, and length of the vector OLE. */
  readonly columns: number;
  readonly vole: VoleShape;
  /** Bytes of a tag. */
  readonly tagBytes: number;
}

/** The sizes that a session's sets and options fix. */
export function parametersOf({ sizes, options }: Pick<Session, 'sizes' | 'options'>): Parameters {
  const store: StoreKind = options.okvs === 'band' ? 'band' : 'sparse';
  // An empty set takes the way of a set of one, so that there is one way only.
  const stored = Math.max(1, sizes.receiver);
  const { columns } = store === 'band' ? bandParameters(stored) : sparseParameters(stored);
  return {
    store,
    transfers: options.ot === 'softspoken' ? 'softspoken' : 'iknp',
    stored,
    columns,
    vole: voleShape(columns, NOISE_WEIGHT),
    tagBytes: tagLength(sizes),
  };
}
