/**
 * Sorts packed records of equal width, with the WebAssembly kernel of `assembly/`. A protocol that must not
 * show in which order a party holds its items can send their images sorted: that order depends on the set
 * of images alone, so it says exactly as much as a random one, and takes no random bytes.
 */
import { kernelModule } from '../../kernels/load.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly STAGE_BYTES: WebAssembly.Global<'i32'>;
  readonly stage: WebAssembly.Global<'i32'>;
  readonly records: WebAssembly.Global<'i32'>;
  layout(n: number, width: number, partitionBits: number): number;
  count(n: number): void;
  counted(): number;
  place(n: number): void;
  sort(): void;
}

/** Records of a partition, as a power of two. */
const PARTITION_BITS = 12;
/** More partitions than this cost more in scattered writes than they save. */
const MAX_PARTITION_BITS = 11;

/**
 * Sorts the records in `data` in place, ascending as little-endian numbers. O(n log n) for every input,
 * about linear for records that are spread evenly, as digests are; not constant-time.
 * @param width bytes of each record, 1 to 32.
 * @throws RangeError when `width` is out of range, `data` is no whole number of records, or they are too
 *   many for the 4 GiB that WebAssembly can address.
 */
export function sortRecords(data: Uint8Array, width: number): void {
  if (!Number.isInteger(width) || width < 1 || width > 32) {
    throw new RangeError(`"width" must be 1 to 32 bytes, got ${width}`);
  }
  const count = data.length / width;
  if (!Number.isInteger(count)) {
    throw new RangeError(`"data" must be whole records of ${width} bytes, got ${data.length} bytes`);
  }
  const kernel = new WebAssembly.Instance(kernelModule('sort')).exports as unknown as Kernel;
  const bits = Math.ceil(Math.log2(Math.max(count, 1))) - PARTITION_BITS;
  const enough =
    kernel.layout(count, width, Math.min(Math.max(bits, 0), MAX_PARTITION_BITS)) &&
    eachPiece(kernel, data, width, (n) => kernel.count(n)) &&
    kernel.counted();
  if (!enough)
    throw new RangeError(
      `${count} records of ${width} bytes are too many to sort: no memory for them (WebAssembly has 4 GiB)`,
    );
  eachPiece(kernel, data, width, (n) => kernel.place(n));
  kernel.sort();
  data.set(new Uint8Array(kernel.memory.buffer, kernel.records.value, data.length));
}

function eachPiece(kernel: Kernel, data: Uint8Array, width: number, work: (n: number) => void): true {
  const stageBytes = kernel.STAGE_BYTES.value;
  const stage = new Uint8Array(kernel.memory.buffer, kernel.stage.value, stageBytes);
  const step = Math.floor(stageBytes / width) * width;
  for (let at = 0; at < data.length; at += step) {
    const piece = data.subarray(at, at + step);
    stage.set(piece);
    work(piece.length / width);
  }
  return true;
}
