/** Sizes of a programmable function, which the numbers of bins and of programmed keys fix. */
import { sparseParameters } from '../okvs/sparse/parameters.ts';
import { type VoleShape, voleShape } from '../vole/shape.ts';

/** Noise positions of the vector OLE, as `rr22` has them and argues for: `../../rr22/README.md`. */
const NOISE_WEIGHT = 248;

export interface OpprfShape {
  /** The receiver's keys: one for each bin. */
  readonly bins: number;
  /** How many keys the sender programs. */
  readonly programmed: number;
  /** Columns that hide the receiver's keys, and length of the vector OLE. */
  readonly columns: number;
  readonly vole: VoleShape;
  /** Columns of the store that holds the programmed values. */
  readonly hintColumns: number;
  /** Bits of a value that are used, at most 64. */
  readonly bits: number;
  /** Bytes of a value, and of a column of the hint on the wire. */
  readonly bytes: number;
}

export function opprfShape(bins: number, programmed: number, bits: number): OpprfShape {
  const { columns } = sparseParameters(bins);
  return {
    bins,
    programmed,
    columns,
    vole: voleShape(columns, NOISE_WEIGHT),
    // A store for no keys has the size of one for one.
    hintColumns: sparseParameters(Math.max(1, programmed)).columns,
    bits,
    bytes: Math.ceil(bits / 8),
  };
}
