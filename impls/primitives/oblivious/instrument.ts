/**
 * Binaryen rewrites the very binary that runs, so that every load and store reports its address, and every
 * function entry and loop turn its place. No source has to cooperate, and nothing can be left out by mistake.
 */
import binaryen from 'binaryen';

/** `wasm`, a module without imports, as `trace` takes it. */
export function instrument(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(binaryen.Features.All);
  module.runPasses(['instrument-memory', 'log-execution']);
  const instrumented = module.emitBinary() as Uint8Array<ArrayBuffer>;
  module.dispose();
  return instrumented;
}
