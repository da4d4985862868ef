/** A git repository of a user's own, with an implementation in it at several revisions. For tests. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFolder, type Finished, startBench } from './cli.ts';

/** An implementation that hashes `rounds` times and returns what is always right for disjoint sets. */
const source = (rounds: number, over = '') => `
import { createHash } from 'node:crypto';
const work = async () => {
  let digest = Buffer.alloc(32);
  for (let i = 0; i < ${rounds}; i++) digest = createHash('sha256').update(digest).digest();
  return new Uint32Array(0);
};
export default {
  id: 'mine', title: 'Mine', summary: 'For a test.', references: [], version: '1', kind: 'cryptography', build: 'ts',
  security: { private: true, model: 'none', trust: 'nobody', assumption: 'none', bits: null,
    postQuantum: true, learns: {}, falsePositiveLog2: null },
  options: {}, available: async () => true,
  receiver: () => ({ online: work }), sender: () => ({ online: async () => {} }),
  ${over}
};
`;

/** Tags `one`, `slower` (by a fifth), `slow` (four times), `wrong`, `gone`, `last` (as `one`). */
export class UserRepository {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async create(): Promise<UserRepository> {
    const repository = new UserRepository(await emptyFolder());
    repository.#git('init', '-q');
    repository.#git('config', 'user.email', 'test@example.org');
    repository.#git('config', 'user.name', 'Test');
    const commit = (tag: string, text: string) => {
      writeFileSync(join(repository.dir, 'mine.ts'), text);
      repository.#git('add', '.');
      repository.#git('commit', '-q', '-m', tag);
      repository.#git('tag', tag);
    };
    commit('one', source(10_000));
    commit('slower', source(12_000));
    commit('slow', source(40_000));
    commit('wrong', source(10_000, 'receiver: () => ({ online: async () => Uint32Array.of(0) }),'));
    commit('gone', source(10_000, "available: async () => 'needs a part that is not there',"));
    commit('last', source(10_000, '// the same again'));
    return repository;
  }

  #git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.dir, encoding: 'utf8' });
  }

  get worktrees(): number {
    return this.#git('worktree', 'list').trim().split('\n').length;
  }

  prune(): void {
    this.#git('worktree', 'prune');
  }

  /** Starts `bench ab <words>` on the implementation; `tmp` is its folder for temporary files. */
  startAb(words: readonly string[], tmp: string) {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = tmp;
    try {
      return startBench(['ab', ...words, '--impl', './mine.ts', '--size', '16', '--overlap', '0'], this.dir);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  }

  /** Runs `bench ab` to its end; `left` is what it left in its folder for temporary files. */
  async ab(...words: string[]): Promise<Finished & { readonly left: readonly string[] }> {
    const tmp = await emptyFolder();
    const found = await this.startAb(words, tmp).finished;
    return { ...found, left: readdirSync(tmp) };
  }
}
