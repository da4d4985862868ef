/**
 * Which server an enclave shall run: a folder with a description, `enclave.json`, or the name of one of the
 * repository's (`servers/<name>`).
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerSettings } from '../guests/server-settings.ts';
import { type ImageSource, MOUNT } from '../runtime/image.ts';

const SERVERS = fileURLToPath(new URL('../../../servers/', import.meta.url));
const GUEST = 'impls/enclave/guests/server.ts';
export const DESCRIPTION = 'enclave.json';

/** `enclave.json`. */
export interface ServerDescription {
  /** The server's first module, CommonJS or ESM, relative to the folder. */
  readonly entry: string;
  /** TCP ports that it listens on; the first is the one meant when none is named. */
  readonly ports: readonly number[];
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Node's options; see `runtime/flags.ts`. */
  readonly flags?: readonly string[];
  /** A file that lists, one a line, the files which no static import names. `bench attest trace` writes it. */
  readonly files?: string;
}

/** A server that can be measured and started. */
export interface ServerImage {
  readonly name: string;
  readonly folder: string;
  readonly description: ServerDescription;
  readonly source: ImageSource;
}

/**
 * @param name of a server of the repository, or the path of a folder with an `enclave.json`.
 * @param options `isListed: false` does without the list of files, which may still have to be made.
 * @throws Error naming what is missing or wrong.
 */
export function serverImage(name: string, { isListed = true } = {}): ServerImage {
  const folder =
    /^[\w-]+$/.test(name) && existsSync(join(SERVERS, name)) ? join(SERVERS, name) : resolve(name);
  const file = join(folder, DESCRIPTION);
  if (!existsSync(file)) {
    throw new Error(`"${name}" is no server: neither servers/${name} nor a folder with an ${DESCRIPTION}`);
  }
  const description = checkDescription(JSON.parse(readFileSync(file, 'utf8')), file);
  const { entry, ports, flags, files } = description;
  const settings: ServerSettings = {
    entry: `${MOUNT}/${entry}`,
    ports,
    arguments: description.arguments ?? [],
    environment: description.environment ?? {},
  };
  const listed = files === undefined || !isListed ? [] : listedFiles(join(folder, files));
  // Which of its files are modules, and of which kind, is said there.
  const own = existsSync(join(folder, 'package.json')) ? ['package.json'] : [];
  return {
    name: basename(folder),
    folder,
    description,
    source: {
      guest: GUEST,
      ...(flags && { flags }),
      settings,
      folder: { path: folder, entries: [entry], files: [...own, ...listed] },
    },
  };
}

/** What an image is made of, by name: a server's, as above, or a guest's module (`impls/enclave/guests/psi.ts`). */
export function imageSource(name: string): ImageSource {
  // Modules of a published package are compiled: the same one ends as this file does.
  const module = name.replace(/\.ts$/, extname(import.meta.filename));
  return /\.[jt]s$/.test(module) ? { guest: module } : serverImage(name).source;
}

/** The lines of a list of files. @throws Error when one could lead out of the folder, or the list is not in order. */
export function listedFiles(file: string): string[] {
  if (!existsSync(file))
    throw new Error(`the list of files ${file} is missing: "bench attest trace" writes it`);
  const names = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  for (const [i, name] of names.entries()) {
    if (!isInside(name)) throw new Error(`${file}: "${name}" is no path within its folder`);
    const before = names[i - 1];
    if (before !== undefined && before >= name) {
      throw new Error(
        `${file}: "${name}" does not come after "${before}": a list is in order, without repeats`,
      );
    }
  }
  return names;
}

function isInside(name: string): boolean {
  return (
    !isAbsolute(name) &&
    !name.includes('\\') &&
    name.split('/').every((part) => !['', '.', '..'].includes(part))
  );
}

function checkDescription(value: unknown, file: string): ServerDescription {
  const wrong = (what: string) => new Error(`${file}: ${what}`);
  if (typeof value !== 'object' || value === null) throw wrong('expected an object');
  const description = value as ServerDescription;
  const known = ['entry', 'ports', 'arguments', 'environment', 'flags', 'files'];
  for (const key of Object.keys(description)) if (!known.includes(key)) throw wrong(`"${key}" is unknown`);
  const { entry, ports, files } = description;
  if (typeof entry !== 'string' || !isInside(entry)) throw wrong('"entry" expected a path within the folder');
  if (files !== undefined && (typeof files !== 'string' || !isInside(files))) {
    throw wrong('"files" expected a path within the folder');
  }
  const isPort = (port: unknown) => Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;
  if (!Array.isArray(ports) || ports.length === 0 || !ports.every(isPort)) {
    throw wrong('"ports" expected at least one number from 1 to 65535');
  }
  const texts = [...(description.arguments ?? []), ...Object.values(description.environment ?? {})];
  if (!texts.every((text) => typeof text === 'string')) {
    throw wrong('"arguments" and the values of "environment" expected text');
  }
  return description;
}
