/**
 * The project as JavaScript: Node strips no types under `node_modules`, so what is published is compiled. The
 * compiler rewrites the endings of imports; names of modules that the code hands to Node in other ways (the file
 * of a worker, of another process, of an enclave's guest) are rewritten here, and none may be left.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A string that is the name of a module, whole: './worker.ts', 'impls/enclave/guests/psi.ts'. */
const MODULE_NAME = /(['"])([\w./-]*[\w-]\.ts)\1/g;
const TESTS = /\.(?:test|slow)\.ts$/;

/**
 * Compiles `entries` (paths from `root`) and all that they import or name into `out`, in the same folders.
 * @throws Error naming the file whose types are wrong, or that names a module which is not there
 */
export function compile(root: string, out: string, entries: readonly string[]): void {
  const wanted = new Set(entries);
  for (;;) {
    emit(root, out, [...wanted], { removeComments: true });
    const before = wanted.size;
    for (const file of javaScriptIn(out)) {
      for (const { source } of modulesNamed(root, out, file)) {
        if (!existsSync(join(out, compiledName(source)))) wanted.add(source);
      }
    }
    if (wanted.size === before) break;
  }
  for (const file of javaScriptIn(out)) rename(root, out, file);
}

/** Writes the declarations of `entries`, and of what they import, into `out`: with their comments. */
export function declare(root: string, out: string, entries: readonly string[]): void {
  emit(root, out, entries, { declaration: true, emitDeclarationOnly: true });
}

/** Every module of the kind that `pattern` names, in the order of their names; tests are none. */
export function modulesLike(root: string, folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .filter((name) => pattern.test(name) && !TESTS.test(name))
    .sort();
}

function emit(root: string, out: string, files: readonly string[], options: object): void {
  mkdirSync(out, { recursive: true });
  const config = join(out, 'tsconfig.json');
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      target: 'esnext',
      noEmit: false,
      rewriteRelativeImportExtensions: true,
      rootDir: root,
      outDir: out,
      typeRoots: [join(root, 'node_modules/@types')],
      ...options,
    },
    include: [],
    // Declarations of what Node's types lack yet belong to every compilation.
    files: [...files, ...modulesLike(root, 'impls', /\.d\.ts$/)].map((file) => join(root, file)),
  };
  writeFileSync(config, JSON.stringify(settings));
  const tsc = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  } catch (error) {
    throw new Error(`the project does not compile:\n${(error as { stdout?: string }).stdout}`);
  } finally {
    rmSync(config);
  }
}

function javaScriptIn(out: string): string[] {
  return readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
}

interface NamedModule {
  /** As it is written. */
  readonly name: string;
  /** The module that is meant, from the project's root. */
  readonly source: string;
}

/** Names in a compiled file: relative to itself when they begin with a dot, else to the project's root. */
function modulesNamed(root: string, out: string, file: string): NamedModule[] {
  const folder = dirname(file).split(sep).join('/');
  const text = readFileSync(join(out, file), 'utf8');
  return [...text.matchAll(MODULE_NAME)].map(([, , name = '']) => {
    const source = name.startsWith('.') ? posix.join(folder, name) : name;
    if (!existsSync(join(root, source))) {
      throw new Error(
        `${relative(root, join(out, file))} names "${name}", which is no module of this project: a name that is put together at run time must end as the module does that makes it (extname(import.meta.filename))`,
      );
    }
    return { name, source };
  });
}

function compiledName(source: string): string {
  return source.replace(/\.ts$/, '.js');
}

function rename(root: string, out: string, file: string): void {
  modulesNamed(root, out, file); // every one of them is there
  const path = join(out, file);
  const text = readFileSync(path, 'utf8');
  const renamed = text.replace(
    MODULE_NAME,
    (_, quote: string, name: string) => quote + compiledName(name) + quote,
  );
  if (renamed !== text) writeFileSync(path, renamed);
}
