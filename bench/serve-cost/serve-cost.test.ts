import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bench, emptyFolder, PROJECT } from '../testing/cli.ts';
import { measureServers } from './measure.ts';
import { METRICS, WAYS, type Way } from './metrics.ts';
import { type CostRecord, readRecord, type Sample, writeRecord } from './record.ts';
import { costReport } from './report.ts';
import { costSummary } from './summary.ts';

/** Made up: direct 1, relays 2, enclave 3 (ms or MiB/s), a little more in every round. */
function record(guests: readonly string[]): CostRecord {
  const base: Readonly<Record<Way, number>> = { direct: 1, relays: 2, enclave: 3, vm: 100 };
  const samples: Sample[] = METRICS.filter(({ guest }) => guests.includes(guest)).flatMap(({ guest, id }) =>
    WAYS.flatMap((way) =>
      Array.from({ length: 7 }, (_, i) => ({
        ...{ guest, metric: id, way },
        round: i + 1,
        value: base[way] * (1 + i / 100),
      })),
    ),
  );
  return {
    samples,
    usage: [{ guest: 'echo', way: 'enclave', process: 'proxy', cpuMs: 12.5, peakBytes: 2 ** 27 }],
    conditions: {
      started: '2026-01-02T03:04:05.000Z',
      command: 'bench serve-cost',
      code: { commit: 'c'.repeat(40), dirty: false, changesSha256: null, lockSha256: null },
      host: { cpu: 'A CPU', cores: 2 } as CostRecord['conditions']['host'],
      runtime: { node: '26.0.0', v8: '1', openssl: '1' },
      rounds: 7,
      seed: 1,
      isolation: { enclave: 'a description' },
      skipped: { minecraft: 'its packages are not installed' },
    },
  };
}

test('a record is read as it was written', async () => {
  const folder = join(await emptyFolder(), 'a/b');
  const written = record(['echo', 'http']);
  writeRecord(folder, written);
  assert.deepEqual(structuredClone(readRecord(folder)), structuredClone(written));
  const file = join(folder, 'samples.csv');
  writeFileSync(file, readFileSync(file, 'utf8').replace('enclave', 'elsewhere'));
  assert.throws(() => readRecord(folder), /samples\.csv.*elsewhere|elsewhere.*samples\.csv/);
  assert.throws(() => readRecord(join(folder, 'none')), /no record of bench serve-cost/);
});

test('the report answers from the figures, and says what is simulated and what was left out', () => {
  const text = costReport(record(['echo', 'http']));
  // 3.09 − 1.03 = 2.06 at the medians.
  assert.match(text, /a new connection: 2\.06 ms more \(3\.0 × direct, 1\.5 × two plain relays\)/);
  assert.match(text, /bulk down: 150 % of what two plain relays carry/);
  assert.match(text, /\| 32 bytes there and back, open connection \| 1\.03 ms .* \| 1\.50 × /);
  assert.match(text, /hardware of "enclave" is simulated; isolation: a description/);
  assert.match(text, /Not measured: minecraft, its packages are not installed/);
  assert.match(text, /\| enclave \| proxy \| 12\.5 ms \| 128 MiB \|/);
  assert.doesNotMatch(text, /## minecraft/);
  assert.match(text, /left out of all ratios/);
});

test('the short part in other reports says the same, server by server, and what is missing', () => {
  const text = costSummary(record(['echo', 'http']));
  assert.match(text, /^## A server in an enclave\n/);
  assert.match(
    text,
    /^- echo: a new connection: 2\.06 ms more \(3\.0 × direct, 1\.5 × two plain relays\); /m,
  );
  assert.match(text, /^- http: .*; bulk up: 150 % of what two plain relays carry \(1\d\d … 1\d\d %\)\.$/m);
  assert.match(text, /^- minecraft: not measured to the end\.$/m);
  assert.match(text, /simulated hardware/);
});

test('a server that fails takes nothing from the others, and the report names it', async () => {
  const said: string[] = [];
  const after: number[] = [];
  const measured = await measureServers({
    guests: ['nothing-like-it', 'http'],
    ways: ['direct'],
    rounds: 2,
    seed: 1,
    say: (line) => said.push(line),
    signal: new AbortController().signal,
    onServer: ({ samples }) => after.push(samples.length),
  });
  assert.match(measured.failed['nothing-like-it'] ?? '', /is no server/);
  assert.match(said[0] ?? '', /nothing-like-it failed: .* is no server/);
  const metrics = METRICS.filter(({ guest }) => guest === 'http').map(({ id }) => id);
  assert.deepEqual([...new Set(measured.samples.map(({ metric }) => metric))].sort(), metrics.sort());
  assert.deepEqual(after, [0, 2 * metrics.length]);
  const full = record(['echo']);
  const text = costReport({
    ...full,
    conditions: { ...full.conditions, failed: { http: 'enclave: it fell over' } },
  });
  assert.match(text, /Failed: http, after the rounds shown, enclave: it fell over/);
});

test('interrupted, it has whole rounds only, and says where it stopped', async () => {
  const control = new AbortController();
  const { samples, failed } = await measureServers({
    ...{ guests: ['echo', 'http'], ways: ['direct'], rounds: 3, seed: 1 },
    say: (line) => line.includes('round 1') && control.abort(),
    signal: control.signal,
    onServer: () => {},
  });
  assert.deepEqual(failed, { echo: 'interrupted in round 2' });
  assert.deepEqual([...new Set(samples.map(({ round }) => round))], [1]);
});

test('what the figures do not show is not said', () => {
  const full = record(['echo']);
  const few = costReport({ ...full, samples: full.samples.filter(({ round }) => round < 3) });
  assert.match(few, /a new connection: too few rounds to say/);
  const same = full.samples.map((one) => ({ ...one, value: 1 + one.round / 100 }));
  assert.match(
    costReport({ ...full, samples: same }),
    /a new connection: no difference from direct could be shown/,
  );
});

test('the machine in software stays out of every ratio', () => {
  const with_ = record(['echo']);
  const without = { ...with_, samples: with_.samples.filter(({ way }) => way !== 'vm') };
  const ratios = (text: string) => text.match(/\d[\d.]* ×/g);
  assert.deepEqual(ratios(costReport(with_)), ratios(costReport(without)));
});

test('bench serve-cost: --from makes the report anew; an unknown server is named', async () => {
  const folder = await emptyFolder();
  writeRecord(folder, record(['echo']));
  const again = await bench(['serve-cost', '--from', folder], PROJECT);
  assert.deepEqual([again.code, again.stderr], [0, '']);
  assert.equal(again.stdout, costReport(readRecord(folder)));
  assert.equal(readFileSync(join(folder, 'report.md'), 'utf8'), again.stdout);
  const unknown = await bench(['serve-cost', 'htpp'], PROJECT);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /how to measure "htpp" is not known: .*Did you mean "http"/);
});
