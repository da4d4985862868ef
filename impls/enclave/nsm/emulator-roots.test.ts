import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { knownEmulatorRoots, rememberEmulatorRoot } from './emulator-roots.ts';

const folder = await mkdtemp(join(tmpdir(), 'roots-'));
after(() => rm(folder, { recursive: true }));
const root = (i: number): string => i.toString(16).padStart(64, '0');

test('fingerprints are remembered, each once, the newest last, the oldest forgotten', async () => {
  const file = join(folder, 'new', 'roots');
  assert.deepEqual(await knownEmulatorRoots(file), []);
  await Promise.all(Array.from({ length: 70 }, (_, i) => rememberEmulatorRoot(root(i), file)));
  await rememberEmulatorRoot(root(10), file);
  const known = await knownEmulatorRoots(file);
  assert.equal(known.length, 64);
  assert.equal(new Set(known).size, 64);
  assert.equal(known.at(-1), root(10));
});

test('the file does not grow without bounds', async () => {
  const file = join(folder, 'large');
  await writeFile(file, `${root(1)}\n`.repeat(1010));
  await rememberEmulatorRoot(root(2), file);
  assert.equal(await readFile(file, 'utf8'), `${root(1)}\n${root(2)}\n`);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('lines that are no fingerprint are ignored; a file that cannot be read is an error', async () => {
  const file = join(folder, 'damaged');
  await writeFile(file, `\nhello\n${root(1)}\n${root(2).slice(1)}\n`);
  assert.deepEqual(await knownEmulatorRoots(file), [root(1)]);
  await assert.rejects(knownEmulatorRoots(folder), { code: 'EISDIR' });
});
