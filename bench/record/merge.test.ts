import assert from 'node:assert/strict';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bench, emptyFolder, FAULTY } from '../testing/cli.ts';
import {
  syntheticEnvironment,
  syntheticFacts,
  syntheticFailure,
  syntheticOk,
  syntheticParties,
  writeSynthetic,
} from '../testing/synthetic.ts';
import type { Environment } from './environment.ts';
import { type MergedEnvironment, mergeRecords } from './merge.ts';
import { type OkSample, type RunRecord, readRecord, type Sample } from './samples.ts';

const { host, code, networks } = syntheticEnvironment();
const there = { ...host, fingerprint: 'there' };

function part(run: string, impl: string, over: Partial<Environment> = {}): RunRecord {
  const samples: Sample[] = [
    syntheticOk({ run, impl, sample: 0, warmup: true }),
    syntheticOk({ run, impl, sample: 1, wallMs: 123.456789 }),
    syntheticFailure('died', { run, impl, sample: 2 }),
  ];
  const environment = syntheticEnvironment({
    run,
    implementations: { [impl]: syntheticFacts(impl) },
    ...over,
  });
  const ok = samples.filter((sample): sample is OkSample => sample.outcome === 'ok');
  return { environment, samples, parties: ok.flatMap(syntheticParties), warnings: [] };
}

test('parts of one kind of host become one record, with every row as it was', async () => {
  const calibrated = { ...networks, lan: { ...networks.lan!, measuredRttMs: 9 } };
  const parts = [
    part('b', 'slow', { networks: calibrated, started: '2026-02-01T00:00:00Z' }),
    part('a', 'fast'),
  ];
  const [merged, ...others] = await mergeRecords(parts, await emptyFolder());
  assert.deepEqual([others.length, merged!.records, merged!.fingerprint], [0, 2, host.fingerprint]);
  const { environment, samples, parties, warnings } = await readRecord(merged!.dir);
  const withoutRun = (rows: readonly object[]) => rows.map((row) => ({ ...row, run: '' }));
  const [late, early] = parts as [RunRecord, RunRecord];
  assert.deepEqual(withoutRun(samples), withoutRun([...early.samples, ...late.samples]));
  assert.deepEqual(withoutRun(parties), withoutRun([...early.parties, ...late.parties]));
  assert.deepEqual(warnings, []);
  assert.deepEqual(Object.keys(environment.implementations), ['fast', 'slow']);
  const { merged: sources } = environment as MergedEnvironment;
  assert.deepEqual(
    sources.map(({ run, networks }) => [run, networks.lan!.measuredRttMs]),
    [
      ['a', 1.1],
      ['b', 9],
    ],
  );
});

test('hosts stay apart, also for the same cell', async () => {
  const dir = await emptyFolder();
  const found = await mergeRecords([part('a', 'fast'), part('b', 'fast', { host: there })], dir);
  assert.deepEqual(found.map(({ fingerprint }) => fingerprint).sort(), [host.fingerprint, 'there'].sort());
  for (const { dir, fingerprint } of found) {
    const { environment, samples } = await readRecord(dir);
    assert.deepEqual([environment.host.fingerprint, samples.length], [fingerprint, 3]);
  }
});

const lan = { ...networks, lan: { ...networks.lan!, rttMs: 50 } };
for (const [title, other, message] of [
  ['the same cell twice', part('b', 'fast'), /fast\/.* is in both a and b, of one host/],
  ['the same record twice', part('a', 'slow'), /run a is given twice/],
  ['another commit', part('b', 'slow', { code: { ...code, commit: 'e'.repeat(40) } }), /differ in commit/],
  ['another seed', part('b', 'slow', { seed: '2' }), /differ in seed/],
  ['another network of the same name', part('b', 'slow', { networks: lan }), /network "lan" is not the one/],
  [
    'another declaration',
    part('b', 'slow', {
      implementations: { fast: syntheticFacts('fast', { title: 'x' }), slow: syntheticFacts('slow') },
    }),
    /implementation "fast" is not the one/,
  ],
] as const) {
  test(`refused: ${title}; nothing is written`, async () => {
    const dir = await emptyFolder();
    await assert.rejects(mergeRecords([part('a', 'fast'), other], dir), message);
    assert.deepEqual(readdirSync(dir), []);
  });
}

test('bench run --shard and bench merge: all cells once, and an unreadable part is a usage error', async () => {
  const dir = await emptyFolder();
  const run = (shard: string) =>
    bench(
      [
        'run',
        '--impl',
        'hash',
        '--size',
        '4,8',
        '--mode',
        'both',
        '--executions',
        '1',
        '--runs',
        '1',
        '--time',
        '0',
        '--shard',
        shard,
        '--out',
        `part${shard[0]}`,
      ],
      dir,
    );
  for (const shard of ['1/2', '2/2']) {
    const { code, stderr } = await run(shard);
    assert.equal(code, 0, stderr);
  }
  const { code: merged, stdout, stderr } = await bench(['merge', 'part1', 'part2', '--out', 'whole'], dir);
  assert.equal(merged, 0, stderr);
  assert.match(stdout, /^whole\/\S+ {2}\(host [0-9a-f]{16}, 2 records\)\n$/);
  const whole = join(dir, 'whole', readdirSync(join(dir, 'whole'))[0]!);
  const cells = new Set((await readRecord(whole)).samples.map(({ cell }) => cell));
  assert.deepEqual(
    [...cells].sort(),
    [4, 8].flatMap((n) =>
      ['one-shot', 'warm'].map((mode) => `hash/random/r${n}-s${n}-o${n / 2}/none/t1/${mode}`),
    ),
  );
  const again = await bench(['merge', 'part1', 'part1', '--out', 'x'], dir);
  assert.deepEqual([again.code, again.stdout], [2, '']);
  const torn = await writeSynthetic(join(dir, 'torn'), part('t', 'fast'));
  appendFileSync(join(torn, 'samples.csv'), 'nonsense\n');
  assert.equal((await bench(['merge', torn, '--out', 'x'], dir)).code, 2);
  assert.equal((await bench(['run', '--impl', FAULTY, '--shard', '3/2'], dir)).code, 2);
});
