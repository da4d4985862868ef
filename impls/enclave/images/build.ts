/**
 * Builds the images of the guests that have one and that are not built from their present sources. Run by `npm ci`
 * (script `prepare`) and before tests, after the kernels.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { BUILT_GUESTS, builtPath, readBuilt } from './built.ts';
import { bundleImage } from './bundle.ts';

for (const name of BUILT_GUESTS) {
  const path = builtPath(name);
  if (readBuilt(path, 'all sources')) continue;
  // Written under another name first, as kernels are.
  const draft = `${path}.${process.pid}.tmp`;
  const image = await bundleImage(`impls/enclave/guests/${name}.ts`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(draft, `${JSON.stringify(image)}\n`);
  renameSync(draft, path);
  console.log(`built ${basename(path)}`);
}
