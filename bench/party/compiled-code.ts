/**
 * Parties load compiled code, as an installed program does: Node's compile cache, filled for each
 * implementation by one process that loads it as a party would and does nothing with it. Without it, most
 * of a one-shot time would be the stripping of types and the compilation of the implementation with the
 * most packages. The cache lies in a folder of this process's own among the temporary ones, and ends with it.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leaveGroup, removeInTheEnd, watchGroup } from '../machine/guard.ts';

const LOADING_MODULE = fileURLToPath(new URL('./loading.ts', import.meta.url));

/** Node's options for a party's process. Compiled code fits those that it was compiled under. */
export const PARTY_ARGUMENTS: readonly string[] = ['--expose-gc', '--disable-warning=ExperimentalWarning'];

/** Loading that takes longer than this is given up; the parties' own then fails in its place. */
const LOADING_MS = 20_000;

/** One implementation's compiled code. */
export class CompiledCode {
  readonly #folder: string;
  readonly #ready: Promise<void>;
  /** What the loading process has left there; what parties add is no other party's to find. */
  readonly #kept = new Set<string>();

  constructor(module: string, parent: string) {
    this.#folder = join(parent, createHash('sha256').update(module).digest('hex').slice(0, 16));
    mkdirSync(this.#folder);
    this.#ready = this.#load(module);
  }

  /** What a party's process needs in its environment to find it. */
  get environment(): NodeJS.ProcessEnv {
    return { NODE_COMPILE_CACHE: this.#folder, NODE_DISABLE_COMPILE_CACHE: undefined };
  }

  /** Resolves when it is there: before, nobody may load the implementation. Never rejects. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Removes what a party that has ended has added, so that the next finds what it found. */
  restore(): void {
    if (this.#kept.size === 0) return;
    for (const path of this.#files()) {
      if (!this.#kept.has(path)) rmSync(join(this.#folder, path), { recursive: true, force: true });
    }
  }

  async #load(module: string): Promise<void> {
    const child = spawn(process.execPath, [...PARTY_ARGUMENTS, LOADING_MODULE, module], {
      env: { ...process.env, ...this.environment },
      // What goes wrong here goes wrong in the party too, and is told there.
      stdio: 'ignore',
      detached: true,
      timeout: LOADING_MS,
      killSignal: 'SIGKILL',
    });
    const { pid } = child;
    if (pid !== undefined) watchGroup(pid);
    await new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    if (pid !== undefined) leaveGroup(pid);
    for (const path of this.#files()) this.#kept.add(path);
  }

  #files(): string[] {
    try {
      return readdirSync(this.#folder, { recursive: true, encoding: 'utf8' });
    } catch {
      return [];
    }
  }
}

let parent: string | undefined;
const known = new Map<string, CompiledCode>();

/**
 * The compiled code of the implementations in `module`; null where the coverage of code is measured, and where
 * NODE_COMPILE_CACHE names a cache: then parties use that one, and the record says so.
 */
export function compiledCode(module: string): CompiledCode | null {
  // Code out of a cache is not counted function by function.
  if (process.env.NODE_V8_COVERAGE || process.env.NODE_COMPILE_CACHE !== undefined) return null;
  parent ??= ownFolder();
  const code = known.get(module) ?? new CompiledCode(module, parent);
  known.set(module, code);
  return code;
}

function ownFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'psi-bench-code-'));
  removeInTheEnd(folder);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
