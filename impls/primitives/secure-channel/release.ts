/**
 * Gives the memory of `bytes` back at once, where they fill a whole buffer of their own; they are empty
 * afterwards. Without it megabytes of used buffers wait for the garbage collector, and every new one is
 * fresh memory, which the kernel has to map and clear page by page: several times the cost of
 * encrypting it. Only for buffers that nobody else refers to.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (bytes.byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  if (bytes.byteLength >= MIN_BYTES) buffer.transfer(0);
}

/** Smaller ones come from the allocator's own stock. */
const MIN_BYTES = 2 ** 14;
