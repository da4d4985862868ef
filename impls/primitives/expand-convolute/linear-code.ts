/** What a vector OLE needs of a linear code: to multiply by its (transposed) generator matrix, in place. */
export interface LinearCode {
  /** Length of the vectors that are encoded: the code's length. */
  readonly inputs: number;
  /** Most outputs that can be asked for: the code's dimension. */
  readonly outputs: number;
  /** Bytes that a vector needs, the code's scratch behind it included. */
  readonly bytes: number;
  /**
   * Multiplies the vector at `vector` by the matrix and leaves the first `count` outputs in its place, from
   * the beginning; the rest of its {@link bytes} is destroyed.
   */
  encode(vector: number, count: number): void;
}
