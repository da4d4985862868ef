/** Larger ones are given back after use. */
const KEPT_BYTES = 2 ** 28;

/**
 * One instance of a kernel, kept from use to use: its memory is there already, where a new instance's has
 * to be mapped and cleared page by page. What it held is left in it until the next use.
 */
export class KeptKernel<Kernel extends { readonly memory: WebAssembly.Memory }> {
  readonly #module: () => WebAssembly.Module;
  #kernel: Kernel | undefined;

  /** @param module loads the compiled kernel, when it is first wanted. */
  constructor(module: () => WebAssembly.Module) {
    this.#module = module;
  }

  /** Calls `work`, which must be synchronous, with the kernel. */
  use<Result>(work: (kernel: Kernel) => Result): Result {
    this.#kernel ??= new WebAssembly.Instance(this.#module()).exports as unknown as Kernel;
    const kernel = this.#kernel;
    try {
      return work(kernel);
    } finally {
      if (kernel.memory.buffer.byteLength > KEPT_BYTES) this.#kernel = undefined;
    }
  }
}
