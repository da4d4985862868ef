/** Finds implementations: those of `impls/`, one folder each, and external ones by path. */
import { existsSync, readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Implementation, ImplementationModule, Role } from '../contract.ts';
import { messageOf, UsageError } from '../errors.ts';
import { programImplementation } from '../program/implementation.ts';
import { rolesOf } from '../terms.ts';
import { nearest } from '../words.ts';
import { requireBuilt } from './built.ts';
import { declarationFault } from './kind.ts';
import { isModulePath } from './module-path.ts';

/** An implementation and where it was found, so that another process can load it too. */
export interface Located {
  readonly implementation: Implementation;
  readonly module: string;
  /** Whether it was given by path rather than found in `impls/`. */
  readonly external: boolean;
}

/** Ends as this file does: a published package is compiled. */
const INDEX = `index${extname(import.meta.filename)}`;
const implsFolder = fileURLToPath(new URL('../../impls/', import.meta.url));

/** All implementations of `impls/`, in the order of their ids. */
export async function builtIn(): Promise<Located[]> {
  const found: Located[] = [];
  for (const entry of readdirSync(implsFolder, { withFileTypes: true })) {
    const module = join(implsFolder, entry.name, INDEX);
    if (!entry.isDirectory() || entry.name === 'primitives' || !existsSync(module)) continue;
    found.push(...(await fromModule(module, false)));
  }
  return found.sort((a, b) => (a.implementation.id < b.implementation.id ? -1 : 1));
}

/**
 * The implementations that `names` name: ids, `all`, or paths of modules or of described programs (anything with
 * a slash, or ending in .ts, .js, .mjs or .json), each once; `-id` takes one out again, alone it is taken out of all.
 * @throws UsageError naming the unknown one and the nearest known, or when none is left.
 */
export async function findImplementations(names: readonly string[]): Promise<Located[]> {
  requireBuilt();
  const known = await builtIn();
  const chosen = new Map<string, Located>();
  const choose = (located: Located) => {
    const { id } = located.implementation;
    const other = chosen.get(id);
    if (other && other.module !== located.module) {
      throw new UsageError(`two implementations are called "${id}": ${other.module} and ${located.module}`);
    }
    chosen.set(id, located);
  };
  const left = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const wanted = names.filter((name) => !name.startsWith('-'));
  for (const name of wanted.length === 0 ? ['all'] : wanted) {
    if (name === 'all') {
      known.forEach(choose);
    } else if (isModulePath(name)) {
      for (const located of await fromPath(name)) choose(located);
    } else {
      const located = known.find(({ implementation }) => implementation.id === name);
      if (!located) throw new UsageError(unknownImplementation(name, known));
      choose(located);
    }
  }
  for (const id of left) {
    if (!chosen.delete(id)) throw new UsageError(unknownImplementation(id, [...chosen.values()]));
  }
  if (chosen.size === 0) throw new UsageError(`no implementation is left of ${names.join(',')}`);
  return [...chosen.values()];
}

function unknownImplementation(name: string, known: readonly Located[]): string {
  const ids = known.map(({ implementation }) => implementation.id);
  const guess = nearest(name, ids);
  return `unknown implementation "${name}"${guess ? `: did you mean "${guess}"?` : ''} (there are ${ids.join(', ')}, and "all"; your own by path: ./my-psi.ts, a program by its description: ./program.json)`;
}

async function fromPath(path: string): Promise<Located[]> {
  const module = resolve(path);
  if (!existsSync(module)) throw new UsageError(`there is no file ${path}`);
  return fromFile(module, true);
}

/** What a file by path has: a module's implementations, or a described program, which `askVersion` runs once. */
async function fromFile(module: string, askVersion: boolean): Promise<Located[]> {
  if (!module.endsWith('.json')) return fromModule(module, true);
  return [{ implementation: await programImplementation(module, askVersion), module, external: true }];
}

async function fromModule(module: string, external: boolean): Promise<Located[]> {
  let exported: ImplementationModule['default'] | undefined;
  try {
    exported = ((await import(pathToFileURL(module).href)) as ImplementationModule).default;
  } catch (error) {
    throw new UsageError(`cannot load the implementation ${module}: ${messageOf(error)}`, { cause: error });
  }
  const implementations = Array.isArray(exported) ? exported : exported ? [exported] : [];
  for (const implementation of implementations as Implementation[]) {
    const missing = [
      'id',
      'title',
      'version',
      'kind',
      'build',
      'security',
      'options',
      'available',
      'receiver',
      'sender',
    ].filter((property) => !(property in Object(implementation)));
    if (missing.length > 0) {
      throw new UsageError(
        `${module}: its default export is not an implementation: it lacks ${missing.join(', ')}`,
      );
    }
    const fault = declarationFault(implementation);
    if (fault !== undefined) throw new UsageError(`${module}: ${implementation.id}: ${fault}`);
  }
  if (implementations.length === 0) {
    throw new UsageError(`${module} has no default export: export an Implementation, see impls/README.md`);
  }
  return implementations.map((implementation) => ({ implementation, module, external }));
}

/** The implementation `id` of `module` with the code of one role: for a party's process. */
export async function loadImplementation(module: string, id: string, role: Role): Promise<Implementation> {
  const located = (await fromFile(module, false)).find(({ implementation }) => implementation.id === id);
  if (!located) throw new UsageError(`${module} has no implementation "${id}"`);
  await located.implementation.load?.(role);
  return located.implementation;
}

/** Loads all implementations of `module`, with the code of all their roles. */
export async function loadAll(module: string): Promise<void> {
  for (const { implementation } of await fromFile(module, false)) {
    for (const role of rolesOf(implementation)) await implementation.load?.(role);
  }
}
