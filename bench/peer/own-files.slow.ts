/** FEBRL 4 on two hosts: every implementation finds the 4,561 numbers that both files have. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { builtIn } from '../implementations/find.ts';
import { readRecord } from '../record/samples.ts';
import { emptyFolder } from '../testing/cli.ts';
import { twoHosts, writeToken } from '../testing/namespaces.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/data/febrl4/', import.meta.url));

test('FEBRL 4 between two network namespaces, by columns of different names', async (t) => {
  if (!existsSync(FOLDER)) return t.skip('the data set is not here: ../shared/data/febrl4');
  const hosts = twoHosts();
  if (typeof hosts === 'string') return t.skip(hosts);
  t.after(() => hosts.remove());
  const dir = await emptyFolder();
  const b = join(dir, 'of-the-sender.csv');
  writeFileSync(b, readFileSync(join(FOLDER, 'b.csv'), 'utf8').replace(/ soc_sec_id/, ' social security'));
  // Named, not "all": those that trust somebody are only for who asks for them.
  const ids = (await builtIn()).map(({ implementation }) => implementation.id);
  const impl = ['--impl', ids.join(',')];
  const mine = ['--file', b, '--key', 'social security', '--write-result', join(dir, 'of-b.csv')];
  const { peer } = await hosts.startParty([...mine, ...impl, '--once'], writeToken(dir), dir);
  const asked = ['--receiver-file', join(FOLDER, 'a.csv'), '--key', 'soc_sec_id', '--result-to', 'both'];
  const words = [
    ...asked,
    ...impl,
    '--write-result',
    join(dir, 'of-a.csv'),
    '--runs',
    '1',
    '--time',
    '0',
    '--mode',
    'one-shot',
    '--executions',
    '1',
  ];
  const run = hosts.start('receiver', ['run', ...peer, ...words, '--budget', '120'], dir);
  assert.equal(await run.finished, 0, run.stderr());
  const [record] = readdirSync(join(dir, 'results'));
  const { samples, environment } = await readRecord(join(dir, 'results', record ?? ''));
  for (const sample of samples) {
    assert.equal(sample.outcome, 'ok', `${sample.impl}: ${'reason' in sample ? sample.reason : ''}`);
    assert.equal(sample.overlap, 4561);
  }
  assert.deepEqual([...new Set(samples.map((sample) => sample.impl))].sort(), ids.sort());
  assert.equal(
    Object.values(environment.datasets)[0]?.checked,
    'against a comparison of the items themselves',
  );
  for (const file of ['of-a.csv', 'of-b.csv']) {
    assert.equal(readFileSync(join(dir, file), 'utf8').trim().split('\n').length, 4562);
  }
});
