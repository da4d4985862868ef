/** Which files a module's static imports mean: what an image needs of them. */
import { posix } from 'node:path';

/** Specifiers of all imports that exist at run time: those of types alone are erased. */
export function importsOf(source: string): string[] {
  const found = source.matchAll(
    /^\s*(?:import|export)\s+(?!type\b)(?:[\w*{][^'"`;]*?from\s*)?['"]([^'"]+)['"]/gm,
  );
  return [...found].flatMap(([, specifier]) => (specifier === undefined ? [] : [specifier]));
}

/** What an import needs: one file of ours, or a package's description and one of its files. */
export type Resolved = { readonly path: string; readonly description?: string };

/**
 * The file that `specifier` means in `importer`, as paths of the image; `null` for a module of Node's own.
 * @param packages folder of the image in which packages lie, e.g. 'node_modules'.
 * @param read the description of a package, `undefined` when it is not installed.
 * @throws Error when the package is missing, or does not say which file is meant.
 */
export function resolveImport(
  specifier: string,
  importer: string,
  packages: string,
  read: (path: string) => Uint8Array | undefined,
): Resolved | null {
  if (specifier.startsWith('node:') || specifier === 'crypto') return null;
  if (specifier.startsWith('.')) return { path: posix.join(posix.dirname(importer), specifier) };
  const [, name = specifier, rest = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier) ?? [];
  const folder = `${packages}/${name}`;
  const description = `${folder}/package.json`;
  const bytes = read(description);
  if (!bytes) throw new Error(`the image needs the package "${name}" (${importer} imports it): run "npm ci"`);
  const { exports, main } = JSON.parse(Buffer.from(bytes).toString()) as PackageDescription;
  const target = entryOf(typeof exports === 'object' ? exports[`.${rest}`] : exports) ?? main;
  if (!target) throw new Error(`the package "${name}" does not say what "${specifier}" is`);
  return { path: posix.join(folder, target), description };
}

interface PackageDescription {
  readonly exports?: string | Readonly<Record<string, PackageExport>>;
  readonly main?: string;
}
type PackageExport = string | { readonly [condition: string]: PackageExport };

/** What Node would choose for an `import`. */
function entryOf(target: PackageExport | undefined): string | undefined {
  if (target === undefined || typeof target === 'string') return target;
  for (const [condition, value] of Object.entries(target)) {
    if (condition === 'import' || condition === 'node' || condition === 'default') return entryOf(value);
  }
  return undefined;
}
