import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFolder } from '../testing/cli.ts';
import { syntheticEnvironment } from '../testing/synthetic.ts';
import { ensureFolder } from './folder.ts';
import { lockRecord } from './lock.ts';
import { RecordWriter } from './samples.ts';

test('missing folders are made; what cannot be one is said at once', async () => {
  const dir = await emptyFolder();
  ensureFolder(join(dir, 'a/b/c'));
  ensureFolder(join(dir, 'a/b/c'));
  assert.ok(existsSync(join(dir, 'a/b/c')));
  writeFileSync(join(dir, 'file'), '');
  for (const path of [join(dir, 'file'), join(dir, 'file/below')]) {
    assert.throws(() => ensureFolder(path), { name: 'UsageError', message: /cannot write to the folder/ });
  }
});

test('where a parent answers that it is not there, nothing spins', {
  skip: process.platform !== 'linux',
}, () => {
  for (const path of ['/proc/x/y', '/dev/fd/x/y', '/proc/self/x']) {
    assert.throws(() => ensureFolder(path), { name: 'UsageError' });
  }
});

test('a record that is being written is not continued; one whose writer died is', async () => {
  const dir = await emptyFolder();
  const writer = await RecordWriter.create(dir, syntheticEnvironment());
  await assert.rejects(RecordWriter.resume(writer.dir), /is being written by process \d+: wait/);
  writer.close();
  assert.ok(!readdirSync(writer.dir).some((name) => name.endsWith('.lock')));
  const again = await RecordWriter.resume(writer.dir);
  again.writer.close();
  const leave = lockRecord(writer.dir);
  leave();
  // A process id that no process can have.
  writeFileSync(join(writer.dir, 'running.lock'), '4194999 aG9zdA==');
  assert.throws(() => lockRecord(writer.dir), /being written/, 'another machine cannot be asked');
});

test('a full disk is an error, and no row is half there', { skip: !existsSync('/dev/full') }, async () => {
  const { writeWhole } = await import('./whole.ts');
  const { openSync, closeSync } = await import('node:fs');
  const file = openSync('/dev/full', 'w');
  assert.throws(() => writeWhole(file, 'a row\n'), /no space left/i);
  closeSync(file);
});
