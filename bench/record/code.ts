/** Whose code made a record: the project's own commit, or none. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface CodeFacts {
  /** Commit of the project's working tree; null where the project is not the root of a git repository. */
  readonly commit: string | null;
  /** Whether the tree differed from the commit; null without one. */
  readonly dirty: boolean | null;
  /** SHA-256 of the difference (new files by name only), to tell two dirty trees apart; null without one. */
  readonly changesSha256: string | null;
  /** SHA-256 of package-lock.json; null without one. */
  readonly lockSha256: string | null;
}

/** In a published package: what was true of the tree that it was made from. */
const PACKED = 'code.json';

const run = promisify(execFile);

/** By these a hook, or a `git` that calls this program, names the repository that it is at work on. */
const OF_A_REPOSITORY = [
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_IMPLICIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR'],
  ...['GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_NAMESPACE', 'GIT_SHALLOW_FILE'],
  ...['GIT_GRAFT_FILE', 'GIT_REPLACE_REF_BASE', 'GIT_NO_REPLACE_OBJECTS'],
];

/** The environment for a git, or what calls one, that is to look at the folder it is started in. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_A_REPOSITORY.includes(name)));
}

/** The code of the project in `root`. A repository that only lies around it is another's. */
export async function captureCode(root: string): Promise<CodeFacts> {
  const lock = await readFile(join(root, 'package-lock.json')).catch(() => null);
  const lockSha256 = lock && sha256(lock);
  // What runs write is not code.
  const code = ['--', '.', ':!results', ':!reports'];
  try {
    const git = async (...args: string[]) =>
      (await run('git', args, { cwd: root, env: gitEnvironment(), maxBuffer: 2 ** 28 })).stdout;
    const top = (await git('rev-parse', '--show-toplevel')).replace(/\r?\n$/, '');
    if ((await realpath(top)) !== (await realpath(root))) throw new Error('a repository around the project');
    const [commit, status, diff] = await Promise.all([
      git('rev-parse', 'HEAD'),
      git('status', '--porcelain', ...code),
      git('diff', 'HEAD', ...code),
    ]);
    const dirty = status !== '';
    return { commit: commit.trim(), dirty, changesSha256: dirty ? sha256(status + diff) : null, lockSha256 };
  } catch {
    const packed = await readFile(join(root, PACKED), 'utf8').catch(() => null);
    if (packed !== null) return JSON.parse(packed) as CodeFacts;
    return { commit: null, dirty: null, changesSha256: null, lockSha256 };
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
