import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRecord } from '../record/samples.ts';
import { emptyFolder, PROJECT } from '../testing/cli.ts';

const CLI = join(PROJECT, 'bench/cli.ts');

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Starts `bench <words>` in a network namespace. */
function startIn(namespace: string, words: readonly string[], cwd: string) {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, CLI, ...words], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const finished = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, finished, stderr: () => stderr };
}

test('a run between two network namespaces', { timeout: 60_000 }, async (t) => {
  const suffix = randomBytes(3).toString('hex');
  const [here, there] = [`bench-r-${suffix}`, `bench-s-${suffix}`];
  const remove = () => {
    for (const name of [here, there]) {
      try {
        ip('netns', 'del', name);
      } catch {
        // It was not made.
      }
    }
  };
  t.after(remove);
  try {
    for (const name of [here, there]) ip('netns', 'add', name);
    ip(
      'link',
      'add',
      `vr${suffix}`,
      'netns',
      here,
      'type',
      'veth',
      'peer',
      'name',
      `vs${suffix}`,
      'netns',
      there,
    );
    for (const [name, device, address] of [
      [here, `vr${suffix}`, '192.0.2.1/24'],
      [there, `vs${suffix}`, '192.0.2.2/24'],
    ]) {
      ip('-n', name, 'address', 'add', address, 'dev', device);
      ip('-n', name, 'link', 'set', device, 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
  } catch (error) {
    return t.skip(
      `this machine lets us make no network namespaces: ${(error as Error).message.split('\n')[0]}`,
    );
  }
  const dir = await emptyFolder();
  const token = join(dir, 'token');
  writeFileSync(token, randomBytes(32).toString('hex'));
  const listen = ['--listen', '192.0.2.2:7000', '--token-file', token, '--once'];
  const party = startIn(there, ['party', ...listen], dir);
  t.after(() => party.child.kill());
  for (let tries = 0; !party.stderr().includes('waits'); tries++) {
    assert.ok(tries < 400, party.stderr());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const words = ['--impl', 'hash,plaintext', '--size', '256', '--runs', '2', '--time', '0'];
  const run = startIn(here, ['run', '--peer', '192.0.2.2:7000', '--token-file', token, ...words], dir);
  t.after(() => run.child.kill());
  assert.equal(await run.finished, 0, run.stderr());
  assert.match(party.stderr(), /serving a run from (::ffff:)?192\.0\.2\.1/);
  assert.equal(await party.finished, 0);
  const { samples } = await readRecord(join(dir, 'results', readdirSync(join(dir, 'results'))[0]));
  assert.ok(
    samples.length >= 6 && samples.every(({ outcome, network }) => outcome === 'ok' && network === 'peer'),
  );
});
