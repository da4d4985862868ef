/** What kernel `oprf` exports; see `oprf/assembly/index.ts`. All arguments but counts are addresses. */
export interface OprfKernel {
  gatherBins(table: number, n: number, items: number, z: number): void;
  codeRows(table: number, n: number, z: number, codes: number, stride: number, rows: number): void;
  pack(rows: number, n: number, out: number): void;
  ownBlocks(table: number, n: number, rows: number, first: number, run: number, out: number): number;
  keepTags(
    table: number,
    n: number,
    hashes: number,
    width: number,
    cursors: number,
    tags: number,
    items: number,
  ): void;
  markTags(tags: number, n: number, width: number, filter: number, mask: number): void;
  filterTags(tags: number, n: number, width: number, filter: number, mask: number): number;
  countPlaces(table: number, bins: number, counts: number): void;
  countPairs(candidates: number, count: number, shift: number, counts: number): void;
  placePairs(candidates: number, count: number, shift: number, cursors: number, pairs: number): void;
  addMasked(rows: number, packed: number, n: number, secret: number): void;
  gatherPairs(pairs: number, n: number, items: number, z: number): void;
  pairBlocks(
    pairs: number,
    n: number,
    z: number,
    codes: number,
    stride: number,
    rows: number,
    first: number,
    secret: number,
    iota: number,
    run: number,
    out: number,
  ): void;
  placeTags(pairs: number, n: number, hashes: number, order: number, width: number, list: number): void;
}
