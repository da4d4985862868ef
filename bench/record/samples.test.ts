import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  syntheticEnvironment,
  syntheticFailure,
  syntheticOk,
  syntheticParties,
} from '../testing/synthetic.ts';
import { sampleColumns } from './columns.ts';
import {
  cellId,
  type FailedSample,
  formatOptions,
  listRecords,
  newRunId,
  type OkSample,
  RecordWriter,
  readRecord,
} from './samples.ts';

/** The order that readers outside this project rely on. */
const PUBLISHED =
  'run,cell,impl,version,build,engine,dataset,receiver_size,sender_size,overlap,network,sample,warmup,' +
  'outcome,reason,result_size,wall_ms,receiver_cpu_ms,sender_cpu_ms,helper_cpu_ms,receiver_sent_bytes,' +
  'sender_sent_bytes,helper_sent_bytes,flights,receiver_peak_bytes,sender_peak_bytes,helper_peak_bytes';

let results: string;
before(async () => {
  results = await mkdtemp(join(tmpdir(), 'psi-bench-samples-'));
});
after(() => rm(results, { recursive: true }));

let runs = 0;
/** A record of two right runs and one that timed out. */
async function writeRecord(): Promise<{ dir: string; written: (OkSample | FailedSample)[] }> {
  const run = `run-${runs++}`;
  const writer = await RecordWriter.create(results, syntheticEnvironment({ run }));
  const written = [
    syntheticOk({ run, sample: 0, warmup: true, wallMs: 1 / 3 }),
    syntheticOk({ run, sample: 1, helperCpuMs: 0, helperSentBytes: 17, receiverPeakBytes: null }),
    syntheticFailure('timeout', { run, sample: 2, reason: 'no result, "online"\nafter 5 s' }),
  ];
  for (const sample of written) {
    if (sample.outcome === 'ok') writer.append(sample, syntheticParties(sample));
    else writer.append(sample);
  }
  writer.close();
  return { dir: writer.dir, written };
}

describe('a record', () => {
  test('has the published columns first', async () => {
    assert.equal(sampleColumns.slice(0, 27).join(','), PUBLISHED);
    const { dir } = await writeRecord();
    const text = await readFile(join(dir, 'samples.csv'), 'utf8');
    assert.ok(text.startsWith(`${PUBLISHED},`));
  });

  test('reads back as written, unrounded', async () => {
    const { dir, written } = await writeRecord();
    const record = await readRecord(dir);
    const failure = { ...written[2]!, reason: 'no result, "online" after 5 s' };
    assert.deepEqual(record.samples, [written[0], written[1], failure]);
    assert.deepEqual(
      record.parties,
      written.slice(0, 2).flatMap((sample) => syntheticParties(sample as OkSample)),
    );
    assert.deepEqual(record.warnings, []);
    assert.deepEqual(await listRecords(results).then((dirs) => dirs.includes(dir)), true);
  });

  test('a failed run leaves every figure empty', async () => {
    const { dir } = await writeRecord();
    const line = (await readFile(join(dir, 'samples.csv'), 'utf8')).trimEnd().split('\n').at(-1)!;
    assert.match(line, /,timeout,"no result, ""online"" after 5 s",,,,,,,,,,,,,,,,/);
  });

  test('is never overwritten', async () => {
    const environment = syntheticEnvironment({ run: 'twice' });
    (await RecordWriter.create(results, environment)).close();
    await assert.rejects(RecordWriter.create(results, environment), /twice exists already/);
  });

  test('refuses what is no figure, a failure without a reason, and figures of a failure', async () => {
    const writer = await RecordWriter.create(results, syntheticEnvironment({ run: 'refuses' }));
    const ok = syntheticOk({ run: 'refuses' });
    assert.throws(() => writer.append({ ...ok, wallMs: Number.NaN }, []), /"wallMs" expected a finite/);
    assert.throws(() => writer.append({ ...ok, flights: 1.5 }, []), /"flights" expected a whole number/);
    const failure = syntheticFailure('died', { run: 'refuses', reason: ' ' });
    assert.throws(() => writer.append(failure), /"reason" expected why/);
    const append = writer.append.bind(writer) as (sample: object, parties: object[]) => void;
    const named = { ...failure, reason: 'killed' };
    assert.throws(() => append(named, syntheticParties(ok)), /expected no rows/);
    // Even an object that carries figures can't bring them into the file.
    append({ ...ok, ...named }, []);
    writer.close();
    const { samples } = await readRecord(writer.dir);
    assert.deepEqual(samples, [named]);
  });
});

describe('an interrupted record', () => {
  test('loses its unfinished last line only, and says so', async () => {
    const { dir } = await writeRecord();
    const text = await readFile(join(dir, 'samples.csv'), 'utf8');
    const cut = text.slice(0, text.indexOf(',timeout'));
    await writeFile(join(dir, 'samples.csv'), cut);
    const record = await readRecord(dir);
    assert.equal(record.samples.length, 2);
    assert.equal(record.warnings.length, 1);
    assert.match(record.warnings[0]!, /samples\.csv: the last line is unfinished/);
  });

  test('is continued after the last whole run', async () => {
    const { dir, written } = await writeRecord();
    const next = syntheticOk({ run: written[0]!.run, sample: 3 });
    const whole = await readFile(join(dir, 'parties.csv'), 'utf8');
    const header = `${whole.split('\n', 1)[0]}\n`;
    // A run whose party rows were written and whose sample was not.
    const { dir: other } = await writeRecord();
    const orphan = (await readFile(join(other, 'parties.csv'), 'utf8')).slice(header.length);
    const renamed = orphan.replaceAll(/run-\d+/g, next.run).replaceAll(',0,receiver', ',7,receiver');
    await appendFile(join(dir, 'parties.csv'), `${renamed.split('\n')[0]}\nhalf a li`);
    await appendFile(join(dir, 'samples.csv'), 'half');

    const { writer, record } = await RecordWriter.resume(dir);
    assert.equal(record.samples.length, 3);
    assert.equal(record.warnings.length, 3);
    assert.equal(await readFile(join(dir, 'parties.csv'), 'utf8'), whole);
    writer.append(next, syntheticParties(next));
    writer.close();
    const again = await readRecord(dir);
    assert.deepEqual(again.warnings, []);
    assert.equal(again.samples.length, 4);
    assert.equal(again.parties.length, record.parties.length + syntheticParties(next).length);
  });

  test('is not continued with other columns', async () => {
    const { dir } = await writeRecord();
    const text = await readFile(join(dir, 'samples.csv'), 'utf8');
    const wider = text
      .trimEnd()
      .split('\n')
      .map((line, i) => line + (i === 0 ? ',new_column' : ',1'));
    await writeFile(join(dir, 'samples.csv'), `${wider.join('\n')}\n`);
    assert.equal((await readRecord(dir)).samples.length, 3);
    await assert.rejects(RecordWriter.resume(dir), /columns are not those/);
  });
});

describe('a damaged record is refused with what is wrong', () => {
  const cases: readonly [name: string, file: string, change: (text: string) => string, error: RegExp][] = [
    [
      'another schema',
      'environment.json',
      (t) => t.replace('"schema": 1', '"schema": 9'),
      /schema 9.*reads schema 1/,
    ],
    ['no JSON', 'environment.json', (t) => t.slice(0, 40), /environment\.json is not JSON/],
    [
      'a missing column',
      'samples.csv',
      (t) => t.replace(',wall_ms,', ',wall,'),
      /samples\.csv: missing column wall_ms; it has run, cell/,
    ],
    [
      'a missing party column',
      'parties.csv',
      (t) => t.replace(',party,', ',who,'),
      /parties\.csv: missing column party/,
    ],
    [
      'a malformed number',
      'samples.csv',
      (t) => t.replace(',100.5,', ',100;5,'),
      /line 3: wall_ms should be a number, not "100;5"/,
    ],
    [
      'an unknown outcome',
      'samples.csv',
      (t) => t.replace(',timeout,', ',slow,'),
      /line 4: outcome should be one of ok, wrong/,
    ],
    [
      'a time that is not the sum of its phases',
      'samples.csv',
      (t) => t.replace(',100.5,', ',1.5,'),
      /line 3: wall_ms is 1\.5, but start_ms, setup_ms, prepare_ms and online_ms add up to 100\.5/,
    ],
    [
      'figures of a failure',
      'samples.csv',
      (t) => t.replace('after 5 s",,', 'after 5 s",,12.5'),
      /outcome timeout, but wall_ms has the figure 12.5/,
    ],
    [
      'a failure without a reason',
      'samples.csv',
      (t) => t.replace(/timeout,".*5 s"/, 'timeout,'),
      /line 4: outcome timeout without a reason/,
    ],
    [
      'a row twice',
      'samples.csv',
      (t) => `${t}${t.trimEnd().split('\n').at(-1)}\n`,
      /line 5: sample 2 of .* appears twice/,
    ],
    ['a short row', 'samples.csv', (t) => `${t}a,b\n`, /line 5: 2 values, but the header names/],
    [
      'a row of another run',
      'samples.csv',
      (t) => t.replace(/^run-\d+/m, 'run-x'),
      /run run-x in the record of run/,
    ],
    ['an empty file', 'samples.csv', () => '', /samples\.csv is empty/],
    ['an open quote', 'samples.csv', (t) => t.replace('after 5 s"', 'after 5 s'), /samples\.csv/],
    [
      'party rows of a failure',
      'parties.csv',
      (t) => t.replaceAll(',1,receiver,', ',2,receiver,'),
      /parties\.csv, line \d+: figures of sample 2/,
    ],
  ];
  for (const [name, file, change, error] of cases) {
    test(name, async () => {
      const { dir } = await writeRecord();
      const before = await readFile(join(dir, file), 'utf8');
      const changed = change(before);
      assert.notEqual(changed, before);
      await writeFile(join(dir, file), changed);
      await assert.rejects(readRecord(dir), error);
    });
  }

  test('a missing file', async () => {
    await assert.rejects(
      readRecord(join(results, 'nowhere')),
      /is not the folder of a run: it has no environment/,
    );
  });
});

describe('names', () => {
  test('run ids sort by time and tell runs of one second apart', () => {
    const ids = [0, 1, 1000, 60_000].map((ms) => newRunId(new Date(Date.UTC(2026, 0, 31, 12) + ms)));
    assert.match(ids[0]!, /^20260131T120000Z-[0-9a-f]{4}$/);
    assert.deepEqual(ids.slice(1).toSorted(), ids.slice(1));
    assert.ok(new Set(Array.from({ length: 20 }, () => newRunId(new Date(0)))).size > 10);
  });

  test('a cell has one name, whatever the order of its options', () => {
    const cell = {
      impl: 'ecdh',
      dataset: 'random',
      receiverSize: 8,
      senderSize: 16,
      overlap: 4,
      network: 'wan',
      threads: 1,
    };
    const name = 'ecdh:b=2;engine=noble/random/r8-s16-o4/wan/t1';
    assert.equal(cellId({ ...cell, options: { engine: 'noble', b: 2 } }), name);
    assert.equal(cellId({ ...cell, options: { b: 2, engine: 'noble' } }), name);
    assert.equal(cellId({ ...cell, options: {} }), 'ecdh/random/r8-s16-o4/wan/t1');
    assert.equal(formatOptions({ 'a=b': 'x;y', on: true }), 'a%3Db=x%3By;on=true');
  });
});
