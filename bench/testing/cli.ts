/** Runs the command line in a process of its own, as a user would. For tests. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
export const FAULTY = fileURLToPath(new URL('./faulty.ts', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs of tests play one set of processes per cell, warm, unless the test says otherwise. */
const QUICK = ['--mode', 'warm', '--executions', '1'];

function quick(words: readonly string[]): readonly string[] {
  const chosen = words.some((word) => /^--(?:mode|executions|resume|help|precision)\b/.test(word));
  return words[0] === 'run' && !chosen ? [...words, ...QUICK] : words;
}

/** Starts `bench <words>` in `cwd`. */
export function startBench(
  words: readonly string[],
  cwd: string,
): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [CLI, ...quick(words)], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}

/** Runs `bench <words>` to its end. */
export function bench(words: readonly string[], cwd: string): Promise<Finished> {
  return startBench(words, cwd).finished;
}

/** The only entry of a folder, as a path. */
export function only(dir: string): string {
  const [name, ...more] = readdirSync(dir);
  assert.ok(name !== undefined && more.length === 0, `${dir} should hold one thing`);
  return join(dir, name);
}

/** A new empty folder, which goes when the tests of this process are done. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 2 }));
  return folder;
}
