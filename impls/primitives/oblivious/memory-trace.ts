/** What a WebAssembly module does to its memory, once it is instrumented (see `instrument.ts`). */

/** A module under observation. */
export interface Traced<Exports> {
  readonly exports: Exports;
  /** Forgets what was recorded so far. */
  reset(): void;
  /** Places and addresses since the last reset: two numbers per event. */
  events(): readonly number[];
}

/** Instantiates `wasm`, which `instrument` made of a module without imports. */
export function trace<Exports>(wasm: Uint8Array<ArrayBuffer>): Traced<Exports> {
  const instrumented = new WebAssembly.Module(wasm);
  let events: number[] = [];
  const pointer = (place: number, _bytes: number, offset: number, address: number): number => {
    events.push(place, address + offset);
    return address;
  };
  const env: Record<string, (...values: never[]) => unknown> = {
    load_ptr: pointer,
    store_ptr: pointer,
    memory_grow_pre: (_place: number, pages: number) => pages,
    memory_grow_post: (_place: number, pages: number) => pages,
    log_execution: (place: number) => void events.push(-1, place),
  };
  for (const { name } of WebAssembly.Module.imports(instrumented)) {
    // Values that are loaded and stored pass through unseen: only places count.
    env[name] ??= (_place: number, value: unknown) => value;
  }
  const instance = new WebAssembly.Instance(instrumented, { env });
  return {
    exports: instance.exports as Exports,
    reset() {
      events = [];
    },
    events: () => events,
  };
}
