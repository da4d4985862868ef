import type { ItemSet } from '../../bench/contract.ts';

/**
 * Packs byte strings (or strings, as UTF-8) into an {@link ItemSet}, in the order given. It does not
 * check that they are distinct. For tests and small inputs: large sets are packed where they are made.
 */
export function packItems(items: readonly (Uint8Array | string)[]): ItemSet {
  const encoder = new TextEncoder();
  const bytes = items.map((item) => (typeof item === 'string' ? encoder.encode(item) : item));
  const offsets = new Uint32Array(items.length + 1);
  let end = 0;
  bytes.forEach((item, i) => {
    end += item.length;
    offsets[i + 1] = end;
  });
  const data = new Uint8Array(end);
  bytes.forEach((item, i) => {
    data.set(item, offsets[i]);
  });
  return { count: items.length, data, offsets };
}

/** The bytes of item `index`: a view, not a copy. */
export function itemAt(items: ItemSet, index: number): Uint8Array {
  return items.data.subarray(items.offsets[index], items.offsets[index + 1]);
}
