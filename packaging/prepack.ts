/**
 * Makes `dist/`, which is what the package carries (`npm pack` runs it): the project compiled, in the same folders
 * as its sources, with the kernels, data and servers that it reads beside its modules.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tracedKernel } from '../bench/attack/host-view.ts';
import { captureCode } from '../bench/record/code.ts';
import { bundle } from '../bench/report/page/bundle.ts';
import { BUILT_GUESTS, type BuiltImage, builtPath } from '../impls/enclave/images/built.ts';
import { findKernels } from '../impls/primitives/kernels/load.ts';
import { compile, declare, modulesLike } from './compile.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const out = join(root, 'dist');

/** What users import by the package's name, see `exports` in package.json. */
const EXPORTED = ['bench/contract.ts', 'bench/conformance/index.ts'];
/** What is started by a name that nobody writes down in the code: the rest is found from these. */
const ENTRIES = [
  'bench/cli.ts',
  ...EXPORTED,
  ...modulesLike(root, 'impls', /^impls\/(?!primitives)[^/]+\/index\.ts$/),
  ...modulesLike(root, 'impls/enclave/guests', /\.ts$/),
];
const PAGE = 'bench/report/page/app';
/** Files and folders that are read at run time and are no modules. */
const DATA = ['results/baseline.json', 'results/reference', 'servers'];
/** Beside modules: tables, scripts of other languages, modules that need no compiling. */
const BESIDE = /(?<!asconfig|tsconfig)\.(?:json|mjs|py|html|css|svg)$/;

rmSync(out, { recursive: true, force: true });
compile(root, out, ENTRIES);
declare(root, out, EXPORTED);
// One script for the browser: nothing is bundled where it is installed.
writeFileSync(join(out, `${PAGE}.js`), bundle(`${PAGE}.ts`, root));
for (const { name, module, sources } of findKernels()) {
  // In the kernel's own folder, where it is found without sources (see `load.ts`).
  if (sources !== undefined) copy(module, join(dirname(sources), `${name}.wasm`).slice(root.length));
}
for (const name of ['bench', 'impls', 'datasets'].flatMap((folder) => modulesLike(root, folder, BESIDE))) {
  if (!name.includes('/testing/')) copy(join(root, name), name);
}
writeFileSync(join(out, 'bench/attack/oblivious.traced.wasm'), await tracedKernel());
for (const guest of BUILT_GUESTS) {
  // The same bytes as here, and so the same measurement; without the sources that it could be held against.
  const { files } = JSON.parse(readFileSync(builtPath(guest), 'utf8')) as BuiltImage;
  mkdirSync(join(out, 'build'), { recursive: true });
  writeFileSync(join(out, 'build', basename(builtPath(guest))), `${JSON.stringify({ inputs: {}, files })}\n`);
}
for (const name of DATA) copy(join(root, name), name);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
const { name, version, type, dependencies, optionalDependencies } = manifest;
write('package.json', { name, version, type, dependencies, optionalDependencies });
// Records that the package makes then say of which commit it is. Who installs it has no lock file of ours.
write('code.json', { ...(await captureCode(root)), lockSha256: null });

function copy(from: string, to: string): void {
  const target = join(out, to);
  mkdirSync(dirname(target), { recursive: true });
  const isWanted = (path: string) => !/[\\/](?:node_modules|[^\\/]+\.(?:test|slow)\.ts)$/.test(path);
  cpSync(from, target, { recursive: true, filter: isWanted });
}

function write(file: string, value: object): void {
  writeFileSync(join(out, file), `${JSON.stringify(value, null, 2)}\n`);
}
