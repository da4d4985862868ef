import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CACHE_VARIABLE, userCache } from './user-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'user-cache-'));
after(() => rmSync(folder, { recursive: true }));

const NAMES = [CACHE_VARIABLE, 'XDG_CACHE_HOME', 'HOME', 'TMPDIR'] as const;

/** What it is with these variables; those that are not named are not there. */
function cacheWith(variables: Partial<Record<(typeof NAMES)[number], string>>): string {
  const set = (values: Readonly<Partial<Record<string, string>>>) => {
    for (const name of NAMES) {
      const value = values[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  const before = { ...process.env };
  set({ TMPDIR: folder, ...variables });
  try {
    return userCache('things');
  } finally {
    set(before);
  }
}

test('the folder that was named, then XDG, then the home', () => {
  const [named, xdg, home] = ['named', 'xdg', 'home'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  assert.equal(
    cacheWith({ [CACHE_VARIABLE]: named, XDG_CACHE_HOME: xdg, HOME: home }),
    join(named, 'things'),
  );
  assert.equal(cacheWith({ XDG_CACHE_HOME: xdg, HOME: home }), join(xdg, 'psi-bench', 'things'));
  assert.equal(
    cacheWith({ XDG_CACHE_HOME: 'relative', HOME: home }),
    join(home, '.cache', 'psi-bench', 'things'),
  );
  assert.equal(statSync(join(home, '.cache', 'psi-bench', 'things')).mode & 0o777, 0o700);
});

test('no home that can be written to: a folder of the user’s own among the temporary ones', () => {
  const noFolder = join(folder, 'a-file');
  writeFileSync(noFolder, '');
  const cache = cacheWith({ HOME: noFolder });
  assert.equal(cache, join(folder, `psi-bench-${process.getuid?.()}`, 'things'));
  assert.throws(() => cacheWith({ [CACHE_VARIABLE]: noFolder }), /ENOTDIR|EEXIST/);
});

test('a folder among the temporary ones that others can open is not taken', () => {
  const other = join(folder, 'temporary');
  const taken = join(other, `psi-bench-${process.getuid?.()}`);
  mkdirSync(taken, { recursive: true });
  chmodSync(taken, 0o777);
  assert.throws(
    () => cacheWith({ HOME: join(folder, 'a-file', 'x'), TMPDIR: other }),
    /is another user's.*--cache/,
  );
});

test('read-only for root too: a process without a home works', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, () => {
  const module = JSON.stringify(new URL('user-cache.ts', import.meta.url));
  const code = `import { userCache } from ${module}; console.log(userCache('things'));`;
  chmodSync(folder, 0o777);
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/root/nowhere', TMPDIR: folder },
    uid: 65534,
    gid: 65534,
  });
  assert.equal(stdout.trim(), join(folder, 'psi-bench-65534', 'things'), stderr);
});
