/** Revisions of a git repository, checked out and built outside of it, and removed again. */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../errors.ts';
import { gitEnvironment } from '../record/code.ts';

const run = promisify(execFile);

async function git(cwd: string, ...args: string[]): Promise<string> {
  return (await run('git', args, { cwd, env: gitEnvironment(), maxBuffer: 2 ** 28 })).stdout.trim();
}

/** The top folder of the repository that the file or folder `path` lies in, or null. */
export async function repositoryOf(path: string): Promise<string | null> {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path);
  try {
    return realpathSync(await git(folder, 'rev-parse', '--show-toplevel'));
  } catch {
    return null;
  }
}

/** Whether `file` belongs to what the repository holds: an installed package lies in one and does not. */
export async function isTracked(repository: string, file: string): Promise<boolean> {
  return git(repository, 'ls-files', '--error-unmatch', '--', file).then(
    () => true,
    () => false,
  );
}

/** The commit that `revision` names. @throws UsageError */
export async function commitOf(repository: string, revision: string): Promise<string> {
  try {
    return await git(
      repository,
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    );
  } catch {
    const shallow = await git(repository, 'rev-parse', '--is-shallow-repository').catch(() => 'false');
    const hint = shallow === 'true' ? ': the clone is shallow, fetch its history (fetch-depth: 0)' : '';
    throw new UsageError(`unknown revision "${revision}" in this repository${hint}`);
  }
}

/** The checked-out revisions of one comparison. */
export class Worktrees {
  readonly #repository: string;
  readonly #folder: string;
  readonly #signal: AbortSignal;

  constructor(repository: string, signal: AbortSignal) {
    this.#repository = repository;
    this.#signal = signal;
    this.#folder = realpathSync(mkdtempSync(join(tmpdir(), 'bench-ab-')));
  }

  /** Checks out `commit` as folder `name` and makes it ready to run; returns where it is. */
  async add(name: string, commit: string): Promise<string> {
    const dir = join(this.#folder, name);
    await git(this.#repository, 'worktree', 'add', '--quiet', '--detach', dir, commit);
    for (const manifest of ['package.json', 'package-lock.json']) {
      if (existsSync(join(dir, manifest))) {
        await this.#makeReady(dir);
        break;
      }
    }
    return dir;
  }

  /** Removes everything; call it whatever happened. */
  async remove(): Promise<void> {
    for (const name of existsSync(this.#folder) ? readdirSync(this.#folder) : []) {
      // The link only: `git worktree remove` must not follow it.
      await rm(join(this.#folder, name, 'node_modules'), { recursive: true, force: true });
      await git(this.#repository, 'worktree', 'remove', '--force', join(this.#folder, name)).catch(() => '');
    }
    await rm(this.#folder, { recursive: true, force: true });
    await git(this.#repository, 'worktree', 'prune').catch(() => '');
  }

  /** Packages and kernels: shared where they are the same, else the revision's own. */
  async #makeReady(dir: string): Promise<void> {
    const installed = join(this.#repository, 'node_modules');
    const same = textOf(this.#repository, 'package-lock.json') === textOf(dir, 'package-lock.json');
    if (same && existsSync(installed)) {
      symlinkSync(installed, join(dir, 'node_modules'), process.platform === 'win32' ? 'junction' : 'dir');
      copyKernels(join(this.#repository, 'build'), join(dir, 'build'));
      await this.#npm(dir, 'run', '--silent', '--if-present', 'build');
    } else if (!same || textOf(dir, 'package-lock.json') !== null) {
      await this.#npm(dir, 'ci', '--no-audit', '--no-fund', '--loglevel=error');
      await this.#npm(dir, 'run', '--silent', '--if-present', 'build');
    }
  }

  async #npm(cwd: string, ...args: string[]): Promise<void> {
    const shell = process.platform === 'win32';
    try {
      await run('npm', args, { cwd, shell, env: gitEnvironment(), maxBuffer: 2 ** 26, signal: this.#signal });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      const { stderr = '' } = error as { stderr?: string };
      const last = stderr.trim().split('\n').at(-1) || (error as Error).message;
      throw new UsageError(`npm ${args[0]} failed in revision ${relative(this.#folder, cwd)}: ${last}`);
    }
  }
}

function textOf(dir: string, file: string): string | null {
  const path = join(dir, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Built kernels carry a digest of their sources in their names: the unchanged ones need no second build. */
function copyKernels(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from)) {
    if (file.endsWith('.wasm')) copyFileSync(join(from, file), join(to, file));
  }
}
