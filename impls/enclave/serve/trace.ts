/** Finds the files that a server reads, by running it outside any enclave while somebody uses it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { importsOf } from '../runtime/imports.ts';
import type { ServerImage } from './server-image.ts';

const RECORDER = new URL('./record-files.mjs', import.meta.url).href;

/** A server that runs, and is being watched. */
export interface Trace {
  /** Ends it. @returns the files of its folder that it read, in order, as a list of files has them. */
  finish(): Promise<string[]>;
  /** Resolves when it ended by itself. */
  readonly ended: Promise<void>;
}

/** Starts the server, listening as it would anywhere; `environment` is added to that of its description. */
export function traceServer(
  { folder, description }: ServerImage,
  environment: NodeJS.ProcessEnv = {},
): Trace {
  const notes = mkdtempSync(join(tmpdir(), 'enclave-trace-'));
  const file = join(notes, 'files.json');
  const args = [...(description.flags ?? []), '--import', RECORDER, join(folder, description.entry)];
  const child = spawn(process.execPath, [...args, ...(description.arguments ?? [])], {
    cwd: folder,
    env: { ...description.environment, ...environment, RECORD_FILES_INTO: file },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    ended,
    async finish() {
      child.kill('SIGTERM');
      await ended;
      try {
        if (!existsSync(file)) throw new Error('the server ended before it could be asked what it had read');
        const paths = JSON.parse(readFileSync(file, 'utf8')) as string[];
        return filesOf(folder, description.entry, paths);
      } finally {
        rmSync(notes, { recursive: true, force: true });
      }
    },
  };
}

/** Those in the folder, with the description of every package on the way: it says what its files are. */
function filesOf(folder: string, entry: string, paths: readonly string[]): string[] {
  const root = realpathSync(folder);
  const found = new Set<string>();
  for (const path of paths) {
    if (!path.startsWith(root + sep) || !statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    found.add(path);
    for (let at = dirname(path); at.startsWith(root + sep); at = dirname(at)) {
      if (existsSync(join(at, 'package.json'))) found.add(join(at, 'package.json'));
    }
  }
  // Those are in every image of the server anyway.
  for (const known of ['package.json', ...followed(root, entry)]) found.delete(join(root, known));
  return [...found].map((path) => relative(root, path).split(sep).join('/')).sort((a, b) => (a < b ? -1 : 1));
}

/** The entry, and the files beside it that imports lead to. */
function followed(root: string, entry: string): Set<string> {
  const files = new Set<string>();
  const queue = [entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (files.has(path)) continue;
    files.add(path);
    const text = readFileSync(join(root, path), 'utf8');
    const own = importsOf(text).filter((specifier) => specifier.startsWith('.'));
    queue.push(...own.map((specifier) => join(dirname(path), specifier)));
  }
  return files;
}
