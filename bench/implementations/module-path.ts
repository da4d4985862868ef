/** Implementations that are named by the path of their module, as the command line takes them. */
import { basename } from 'node:path';

/** Whether a name of an implementation is such a path: anything with a slash, or ending as modules do. */
export function isModulePath(name: string): boolean {
  return /[\\/]|\.(ts|mts|js|mjs|json)$/.test(name);
}

/** The name as records keep it: where a module lies is nobody's business. */
export function withoutFolder(name: string): string {
  return isModulePath(name) ? `./${basename(name)}` : name;
}
