/**
 * Residues modulo the primes of a ciphertext, which SEAL keeps in 64-bit words, packed to the width of
 * each prime. Lengths depend on the parameters alone, which those of SEAL's zlib and zstd do not.
 */
import { kernelModule } from '../../primitives/kernels/load.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly words: WebAssembly.Global<'i32'>;
  readonly stream: WebAssembly.Global<'i32'>;
  layout(count: number): number;
  pack(first: number, count: number, width: number, at: number): void;
  unpack(at: number, count: number, width: number, first: number): void;
}

let loaded: Kernel | undefined;

/** Groups of `count` words each; group i uses the low `widths[i]` bits (1 to 63) of its words. */
export interface Groups {
  readonly count: number;
  readonly widths: readonly number[];
}

/** Bytes of the packed groups. */
export function packedBytes({ count, widths }: Groups): number {
  return widths.reduce((sum, width) => sum + (count * width) / 8, 0);
}

/**
 * Packs 8·count bytes per group, little-endian words whose bits beyond the width are 0, to the start of `out`.
 * @throws RangeError when a length does not fit.
 */
export function pack(words: Uint8Array, groups: Groups, out: Uint8Array): void {
  const kernel = prepare(groups);
  const length = packedBytes(groups);
  checkLength('words', words, groups.count * groups.widths.length * 8);
  if (out.length < length) throw new RangeError(`"out" must hold ${length} bytes, got ${out.length}`);
  new Uint8Array(kernel.memory.buffer, kernel.words.value, words.length).set(words);
  let at = 0;
  groups.widths.forEach((width, i) => {
    kernel.pack(i * groups.count, groups.count, width, at);
    at += (groups.count * width) / 8;
  });
  out.set(new Uint8Array(kernel.memory.buffer, kernel.stream.value, length));
}

/**
 * The opposite of {@link pack}: writes the words to the start of `out`.
 * @throws RangeError when a length does not fit.
 */
export function unpack(stream: Uint8Array, groups: Groups, out: Uint8Array): void {
  const kernel = prepare(groups);
  const length = groups.count * groups.widths.length * 8;
  checkLength('stream', stream, packedBytes(groups));
  if (out.length < length) throw new RangeError(`"out" must hold ${length} bytes, got ${out.length}`);
  new Uint8Array(kernel.memory.buffer, kernel.stream.value, stream.length).set(stream);
  let at = 0;
  groups.widths.forEach((width, i) => {
    kernel.unpack(at, groups.count, width, i * groups.count);
    at += (groups.count * width) / 8;
  });
  out.set(new Uint8Array(kernel.memory.buffer, kernel.words.value, length));
}

function prepare({ count, widths }: Groups): Kernel {
  loaded ??= new WebAssembly.Instance(kernelModule('packing')).exports as unknown as Kernel;
  if (count % 64 !== 0) throw new RangeError(`"count" must be a multiple of 64, got ${count}`);
  for (const width of widths) {
    if (!(width >= 1 && width <= 63)) throw new RangeError(`"widths" must be 1 to 63 bits, got ${width}`);
  }
  if (!loaded.layout(count * widths.length)) throw new RangeError(`${count} words do not fit the memory`);
  return loaded;
}

function checkLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) {
    throw new RangeError(`"${name}" must have ${length} bytes, got ${bytes.length}`);
  }
}
