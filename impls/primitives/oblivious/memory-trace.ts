/**
 * FOR TESTS: what a WebAssembly module does to its memory. Binaryen rewrites the very binary that runs,
 * so that every load and store reports its address, and every function entry and loop turn its place.
 * No source has to cooperate, and nothing can be left out by mistake.
 */
import binaryen from 'binaryen';

/** A module under observation. */
export interface Traced<Exports> {
  readonly exports: Exports;
  /** Forgets what was recorded so far. */
  reset(): void;
  /** Places and addresses since the last reset: two numbers per event. */
  events(): readonly number[];
}

/** Instantiates `wasm` (a module without imports), instrumented. */
export function trace<Exports>(wasm: Uint8Array): Traced<Exports> {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(binaryen.Features.All);
  module.runPasses(['instrument-memory', 'log-execution']);
  const instrumented = new WebAssembly.Module(module.emitBinary() as Uint8Array<ArrayBuffer>);
  module.dispose();

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
