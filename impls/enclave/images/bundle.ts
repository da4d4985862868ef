/**
 * Bundles an image: the runtime in one module, the guest in another, and the kernels that it uses. What an enclave loads
 * then is two files of plain JavaScript in place of a hundred, a quarter of them with types to strip. Nothing is
 * minified: what is measured can be read. The same sources and packages give the same bytes on every machine.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { findKernels, type Kernel } from '../../primitives/kernels/load.ts';
import { DEFAULT_FLAGS } from '../runtime/flags.ts';
import { ENTRY, type ImageManifest, MANIFEST } from '../runtime/guest.ts';
import { type BuiltImage, inputDigest } from './built.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const slashed = (path: string) => path.split(sep).join('/');
const compiled = (module: string) => module.replace(/\.ts$/, '.js');

/** Builds the image of the guest in the module `guest`. @throws Error when something that it needs is missing */
export async function bundleImage(guest: string): Promise<BuiltImage> {
  const { outputFiles, metafile } = await build({
    entryPoints: [ENTRY, guest],
    absWorkingDir: root,
    outbase: root,
    outdir: join(root, 'image'),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    charset: 'utf8',
    legalComments: 'inline',
    // Packages are named by where they are found, not by where a link leads.
    preserveSymlinks: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs);
  const kernels = kernelsOf(inputs);
  const manifest: ImageManifest = { guest: compiled(guest), entry: compiled(ENTRY), flags: DEFAULT_FLAGS };
  const files: [string, Uint8Array][] = [
    [MANIFEST, Buffer.from(`${JSON.stringify(manifest)}\n`)],
    ['package.json', Buffer.from('{"type":"module"}\n')],
    ...outputFiles.map(({ path, contents }): [string, Uint8Array] => [
      slashed(relative(join(root, 'image'), path)),
      contents,
    ]),
    ...kernels.map(({ module, place }): [string, Uint8Array] => [place, readFileSync(module)]),
  ];
  const sources = [...inputs, ...kernels.map(({ module }) => slashed(relative(root, module)))];
  return {
    inputs: Object.fromEntries(
      sources.sort().map((path) => [path, inputDigest(readFileSync(join(root, path)))]),
    ),
    files: Object.fromEntries(
      files
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]),
    ),
  };
}

/** The kernels that these modules load, and where they are found in an image: as in a published package. */
function kernelsOf(modules: readonly string[]): (Kernel & { readonly place: string })[] {
  const texts = modules.map((path) => readFileSync(join(root, path), 'utf8'));
  const names = new Set(
    texts.flatMap((text) => [...text.matchAll(/\bkernelModule\('([\w-]+)'\)/g)].map(([, name]) => name)),
  );
  return findKernels()
    .filter(({ name }) => names.has(name))
    .map((kernel) => {
      const folder = slashed(relative(root, dirname(kernel.sources ?? kernel.module)));
      return { ...kernel, place: `${folder}/${basename(folder)}.wasm` };
    });
}
