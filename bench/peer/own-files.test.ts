/** Files on two hosts: neither sees the other's, results are checked against each other, both may have them. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRecord } from '../record/samples.ts';
import { emptyFolder, startBench } from '../testing/cli.ts';
import { twoHosts, writeToken } from '../testing/namespaces.ts';

/** A's people are 0 to 99, B's 60 to 179: 40 are shared. B's file has other names, another delimiter, other case. */
function writeFiles(dir: string): { a: string; b: string } {
  const a = join(dir, 'a.csv');
  const b = join(dir, 'b.csv');
  const rows = (from: number, to: number, row: (i: number) => string) =>
    Array.from({ length: to - from }, (_, i) => row(from + i)).join('\n');
  writeFileSync(a, `id,name,note\n${rows(0, 100, (i) => `P-${i},Müller ${i},"a, ${i}"`)}\n`);
  writeFileSync(b, `Nachname;Nummer\n${rows(60, 180, (i) => ` MÜLLER ${i};p-${i}`)}\n;p-1\n`);
  return { a, b };
}

const QUICK = ['--runs', '1', '--time', '0', '--mode', 'one-shot', '--executions', '1'];
const lines = (file: string) => readFileSync(file, 'utf8').trim().split('\n');

test('files on two hosts, with other columns: the rows for both sides, checked between implementations', async (t) => {
  const hosts = twoHosts();
  if (typeof hosts === 'string') return t.skip(hosts);
  t.after(() => hosts.remove());
  const dir = await emptyFolder();
  const { a, b } = writeFiles(dir);
  const mine = ['--file', b, '--key', 'Nummer,Nachname', '--write-result', join(dir, 'of-b.csv')];
  const allowed = ['--impl', 'ecdh,hash', '--once'];
  const { party, peer } = await hosts.startParty([...mine, ...allowed], writeToken(dir), dir);
  assert.match(party.stderr(), /hash is allowed with this file\. Trusted: /);
  assert.match(party.stderr(), /sender: of 121 rows, 120 are compared; dropped: 1 without a key/);
  const asked = ['--impl', 'ecdh,hash', '--receiver-file', a, '--key', 'id,name', '--result-to', 'both'];
  const words = ['run', ...peer, ...asked, '--write-result', join(dir, 'of-a.csv'), ...QUICK];
  const run = hosts.start('receiver', words, dir);
  assert.equal(await run.finished, 0, run.stderr());
  assert.equal(await party.finished, 0);
  assert.match(
    run.stderr(),
    /40 of 100 items are shared with the sender's 120; checked against each other: ecdh, hash agree/,
  );
  assert.match(run.stderr(), /the sender has written its 40 rows that match/);
  assert.deepEqual(lines(join(dir, 'of-a.csv')).slice(0, 2), ['id,name,note', 'P-60,Müller 60,"a, 60"']);
  assert.deepEqual(lines(join(dir, 'of-b.csv')).slice(0, 2), ['Nachname;Nummer', ' MÜLLER 60;p-60']);
  for (const file of ['of-a.csv', 'of-b.csv']) assert.equal(lines(join(dir, file)).length, 41);
  const [record] = readdirSync(join(dir, 'results'));
  const { environment, samples } = await readRecord(join(dir, 'results', record ?? ''));
  assert.ok(samples.length >= 2);
  for (const { outcome, overlap, network } of samples)
    assert.deepEqual([outcome, overlap, network], ['ok', 40, 'peer']);
  const [facts] = Object.values(environment.datasets);
  assert.equal(facts?.checked, 'against each other: ecdh, hash agree');
  // Neither side's record or log names the other's file or columns.
  const told = JSON.stringify(environment) + run.stdout() + run.stderr();
  assert.ok(!told.includes('Nummer') && !told.includes('b.csv'));
  assert.ok(!party.stderr().includes('a.csv'));
});

test('what does not fit is a usage error, and nothing is measured', async (t) => {
  const dir = await emptyFolder();
  const { a, b } = writeFiles(dir);
  const token = writeToken(dir);
  const listen = ['--listen', '127.0.0.1:0', '--token-file', token, '--impl', 'all'];
  const { child } = startBench(
    ['party', ...listen, '--file', b, '--key', 'Nummer', '--normalise', 'exact'],
    dir,
  );
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  for (let tries = 0; !log.includes('waits on port'); tries++) {
    assert.ok(tries < 400, log);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const peer = ['--peer', `127.0.0.1:${/port (\d+)/.exec(log)?.[1]}`, '--token-file', token, ...QUICK];
  for (const [words, refusal] of [
    [['--receiver-file', a, '--key', 'id,name'], /the key has 2 columns here and 1 at the sender/],
    [['--receiver-file', a, '--key', 'id'], /keys are prepared differently: "default" here, "exact" at/],
    [['--receiver-file', a, '--key', 'id', '--result-to', 'both'], /the sender's host does not ask for it/],
    [['--receiver-file', a, '--key', 'id', '--output', 'cardinality'], /so it is the intersection/],
    [['--receiver-file', a, '--key', 'id', '--sender-file', b], /the sender's host has its own \(--file\)/],
    [['--receiver-file', a, '--key', 'id', '--size', '16'], /a file has its own sizes/],
    [['--receiver-file', a], /needs --receiver-file \(bench run\).*and --key/],
  ] as const) {
    const run = await startBench(['run', ...peer, '--impl', 'ecdh', ...words], dir).finished;
    assert.equal(run.code, 2, run.stderr);
    assert.match(run.stderr, refusal);
  }
  assert.ok(!existsSync(join(dir, 'results')));
});

test('bench intersect with another host: one run, the rows for both, and what was trusted', async (t) => {
  const hosts = twoHosts();
  if (typeof hosts === 'string') return t.skip(hosts);
  t.after(() => hosts.remove());
  const dir = await emptyFolder();
  const { a, b } = writeFiles(dir);
  const mine = [
    '--file',
    b,
    '--key',
    'Nummer',
    '--write-result',
    join(dir, 'of-b.csv'),
    '--impl',
    'ecdh,hash',
  ];
  const { party, peer } = await hosts.startParty([...mine, '--once'], writeToken(dir), dir);
  const words = ['--receiver-file', a, '--key', 'id', '--out', join(dir, 'of-a.csv'), '--result-to', 'both'];
  const run = hosts.start('receiver', ['intersect', ...peer, ...words, '--impl', 'auto'], dir);
  assert.equal(await run.finished, 0, run.stderr());
  assert.equal(await party.finished, 0);
  // Of the two that are allowed, auto takes the private one.
  assert.match(run.stderr(), /ecdh is taken: .*\n.*the sender has written its 41 rows that match/);
  assert.match(run.stderr(), /41 of the receiver's 100 items are shared; ecdh took /);
  assert.match(run.stderr(), /trusted: /);
  for (const file of ['of-a.csv', 'of-b.csv']) assert.equal(lines(join(dir, file)).length, 42);
});
