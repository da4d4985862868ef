import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FAILURES, type RunRecord, type Sample } from '../record/samples.ts';
import {
  syntheticEnvironment,
  syntheticFacts,
  syntheticFailure,
  syntheticOk,
  syntheticParties,
  syntheticRecord,
  writeSynthetic,
} from '../testing/synthetic.ts';
import { buildModel, checkReport, readModel, summaryJson, summaryTable, writeReport } from './index.ts';
import { renderMarkdown } from './markdown.ts';

let results: string;
before(async () => {
  results = await mkdtemp(join(tmpdir(), 'psi-bench-report-'));
});
after(() => rm(results, { recursive: true }));

/** A record of `samples`, of implementations that declare nothing special. */
function recordOf(samples: readonly Sample[], run = 'synthetic', over: object = {}): RunRecord {
  const ids = [...new Set(samples.map((sample) => sample.impl))];
  const implementations = Object.fromEntries(ids.map((id) => [id, syntheticFacts(id)]));
  const environment = syntheticEnvironment({ run, implementations, ...over });
  const parties = samples.flatMap((sample) => (sample.outcome === 'ok' ? syntheticParties(sample) : []));
  return { environment, samples, parties, warnings: [] };
}

/** Six right runs of about `ms`. */
function six(ms: number, over: object = {}): Sample[] {
  const execution = (sample: number) => Math.trunc(sample / 2);
  return [0, 1, 2, 3, 4, 5].map((sample) =>
    syntheticOk({ ...over, sample, execution: execution(sample), wallMs: ms + sample / 100 }),
  );
}

describe('the report', () => {
  test('is, byte for byte, the one that was looked at (golden.md.txt)', async () => {
    const dir = await writeSynthetic(results, syntheticRecord());
    const path = await writeReport([dir], join(results, 'out'));
    assert.equal(path, join(results, 'out', 'report.md'));
    const golden = new URL('golden.md.txt', import.meta.url);
    const text = await readFile(path, 'utf8');
    // After a wanted change: UPDATE_GOLDEN=1 node --test bench/report, and look at what it changed.
    if (process.env.UPDATE_GOLDEN) await writeFile(golden, text);
    assert.equal(text, await readFile(golden, 'utf8'));
  });

  test('is the same in another language and time zone, and on another day', async (context) => {
    const first = renderMarkdown(buildModel([syntheticRecord()]));
    context.mock.timers.enable({ apis: ['Date'], now: 0 });
    context.mock.method(Number.prototype, 'toLocaleString', () => assert.fail('asked for the locale'));
    context.mock.method(Math, 'random', () => assert.fail('asked for chance'));
    const zone = process.env.TZ;
    process.env.TZ = 'Asia/Kathmandu';
    try {
      assert.equal(renderMarkdown(buildModel([syntheticRecord()])), first);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  test("shows the harness's own floor and what others used of the machine meanwhile", () => {
    const over = {
      floor: { wallMs: 0.4, cpuMs: 2, runs: 15 },
      foreignDuring: { median: 0.03, highest: 0.42 },
    };
    const text = renderMarkdown(buildModel([recordOf(six(10), 'synthetic', over)]));
    assert.match(text, /the harness itself: a protocol that does nothing \| 400 µs, 2\.00 ms of CPU/);
    assert.match(
      text,
      /others while cells were measured \| 3\.0 % of all cores \(median\), 42 % at the highest/,
    );
  });

  test('names no folder it was read from', async () => {
    const dir = await writeSynthetic(results, syntheticRecord({ run: 'elsewhere' }));
    const text = await readFile(await writeReport([dir], join(results, 'out2')), 'utf8');
    assert.ok(!text.includes(results));
    assert.ok(text.includes('npx bench report results/elsewhere'));
  });

  test('keeps text of the record from becoming Markdown', () => {
    const samples = [
      ...six(1),
      syntheticFailure('died', { sample: 6, reason: 'a|b <img> **c** [d](e)\n# f' }),
    ];
    const text = renderMarkdown(buildModel([recordOf(samples)]));
    assert.ok(text.includes('a\\|b &lt;img\\> \\*\\*c\\*\\* \\[d\\](e) # f'));
  });

  test('carries what a crash left out', () => {
    const record = { ...recordOf(six(1)), warnings: ['x/samples.csv: the last line is unfinished'] };
    assert.match(renderMarkdown(buildModel([record])), /Left out in reading: x\/samples\.csv: the last line/);
  });
});

describe('files', () => {
  test('the report links its charts, which lie beside it, and names no other file', async () => {
    const dir = await writeSynthetic(results, syntheticRecord({ run: 'linked' }));
    const out = join(results, 'linked-out');
    const text = await readFile(await writeReport([dir], out), 'utf8');
    const linked = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!);
    assert.deepEqual(linked.sort(), (await readdir(out)).filter((name) => name.endsWith('.svg')).sort());
    assert.ok(linked.length >= 5);
  });

  test('a folder of runs is read as all of them, with what was attacked', async () => {
    const folder = join(results, 'several');
    for (const run of ['one', 'two']) await writeSynthetic(folder, recordOf(six(10, { run }), run));
    await mkdir(join(folder, 'attack-x'));
    const environment = { ...syntheticEnvironment({ run: 'x' }), command: 'bench attack' };
    const attack = { schema: 1, environment, attacks: [], hostViews: [] };
    await writeFile(join(folder, 'attack-x', 'attack.json'), JSON.stringify(attack));
    const model = await readModel([folder]);
    assert.deepEqual([model.runs, model.attacks.length], [['one', 'two'], 1]);
    assert.match(renderMarkdown(model), /A dictionary against transcripts/);
    await assert.rejects(readModel([join(results, 'nowhere')]), /is not the folder of a run/);
  });

  test('a report named after its run is copied to latest; any other is not', async () => {
    const dir = await writeSynthetic(results, syntheticRecord({ run: 'named' }));
    const reports = join(results, 'reports');
    await writeReport([dir], join(reports, 'named'));
    await writeReport([dir], join(reports, 'reference'));
    assert.deepEqual((await readdir(reports)).sort(), ['latest', 'named', 'reference']);
    const [copy, own] = [join(reports, 'latest', 'report.md'), join(reports, 'named', 'report.md')];
    assert.equal(await readFile(copy, 'utf8'), await readFile(own, 'utf8'));
  });

  test('--check sees one digit changed in a table or a chart, what is missing, and what is left over', async () => {
    const dir = await writeSynthetic(results, syntheticRecord({ run: 'checked' }));
    const out = join(results, 'checked-out');
    const path = await writeReport([dir], out);
    assert.deepEqual(await checkReport([dir], out), []);
    const tamper = async (file: string, from: string, to: string) => {
      const text = await readFile(join(out, file), 'utf8');
      assert.ok(text.includes(from), from);
      await writeFile(join(out, file), text.replace(from, to));
      const found = await checkReport([dir], out);
      await writeFile(join(out, file), text);
      return found;
    };
    assert.match(
      (await tamper('report.md', '151 ms', '150 ms')).join(),
      /^report\.md is not what the records give/,
    );
    assert.match((await tamper('report.md', 'supported', 'refuted')).join(), /^report\.md is not/);
    assert.match((await tamper('memory.svg', 'fast', 'fasd')).join(), /^memory\.svg is not/);
    assert.match((await tamper('summary.csv', 'true,1,1,1', 'true,2,1,1')).join(), /^summary\.csv is not/);
    await cp(join(out, 'memory.svg'), join(out, 'extra.svg'));
    assert.deepEqual(await checkReport([dir], out), ['extra.svg belongs to no chart of these records']);
    await rm(path);
    assert.match((await checkReport([dir], out)).join(), /report\.md is missing/);
    await writeReport([dir], out);
    assert.ok(existsSync(join(out, 'extra.svg')), 'who did not write it does not remove it');
    await rm(join(out, 'extra.svg'));
    assert.deepEqual(await checkReport([dir], out), []);
  });

  test('of other records are not overwritten by accident, and own charts that are gone are removed', async () => {
    const [a, b] = [
      await writeSynthetic(results, syntheticRecord({ run: 'mine' })),
      await writeSynthetic(results, recordOf(six(5, { run: 'theirs' }), 'theirs')),
    ];
    const out = join(results, 'kept');
    await writeReport([a ?? ''], out);
    assert.ok(existsSync(join(out, 'time-lan.svg')));
    await assert.rejects(writeReport([b ?? ''], out), /holds the report on mine: give --replace/);
    for (const nowhere of ['/proc/x/y', '/dev/fd/x/y']) {
      if (process.platform !== 'linux') continue;
      await assert.rejects(writeReport([a ?? ''], nowhere), /cannot write to the folder/);
    }
    await writeReport([b ?? ''], out, { replace: true });
    assert.ok(!existsSync(join(out, 'time-lan.svg')));
  });
});

describe('every view prints the verdict of the one function', () => {
  test('Markdown, terminal and JSON', () => {
    const model = buildModel([syntheticRecord()]);
    assert.match(renderMarkdown(model), /random \| 2\^10 × 2\^10 \| none \| supported \| fast \| 5\.00 ×/);
    assert.match(
      summaryTable(model),
      /^ {2}supported: enclave \(simulated\) against private cryptography: fast takes 5/m,
    );
    const { machines } = JSON.parse(JSON.stringify(summaryJson(model)));
    const claim = machines[0].claims[0];
    assert.deepEqual(
      [claim.subject, claim.against, claim.verdict, claim.simulated, claim.network],
      ['enclave', 'cryptography', 'supported', true, 'none'],
    );
    assert.ok(claim.breakEven.low < 5 && claim.breakEven.high > 5);
  });

  test('a claim whose subject failed has a reason and no number', () => {
    const text = renderMarkdown(buildModel([syntheticRecord()]));
    assert.match(text, /\| lan \| undecided \| – \| – \| hash had failed runs \| failed: slow \|/);
  });
});

describe('a failed run never has a time', () => {
  for (const outcome of FAILURES) {
    test(outcome, () => {
      // Figures smuggled past the type and past the file's reader: no view may print them.
      const figures = { ...syntheticOk({ wallMs: 7654.321 }), resultSize: 765_432, coldMs: 7654.321 };
      const failed = [0, 1].map(
        (sample): Sample => ({ ...figures, ...syntheticFailure(outcome, { sample, warmup: sample === 0 }) }),
      );
      const record = { ...recordOf(failed), parties: syntheticParties({ ...figures, sample: 1 }) };
      const alone = buildModel([record]);
      const beside = buildModel([
        { ...record, samples: [...failed, ...six(1, { impl: 'fast', network: 'lan' })] },
      ]);
      for (const model of [alone, beside]) {
        for (const view of [renderMarkdown(model), summaryTable(model), JSON.stringify(summaryJson(model))]) {
          assert.ok(view.includes(outcome) && view.includes(`synthetic ${outcome}`));
          assert.doesNotMatch(view, /765|7[.,]65/);
        }
      }
      assert.deepEqual(alone.machines[0]!.groups[0]!.cells, []);
      assert.equal(alone.machines[0]!.groups[0]!.reference, null);
      assert.equal(
        alone.machines[0]!.failures.reduce((sum, row) => sum + row.count, 0),
        2,
      );
    });
  }

  test('a cell with a failed run has no ratio and is no reference, however fast', () => {
    const broken = [...six(1, { impl: 'quick' }), syntheticFailure('wrong', { impl: 'quick', sample: 6 })];
    const [group] = buildModel([recordOf([...broken, ...six(5), ...six(10, { impl: 'slow' })])]).machines[0]!
      .groups;
    assert.equal(group!.reference!.impl, 'fast');
    const quick = group!.cells.find((cell) => cell.impl === 'quick')!;
    assert.deepEqual([quick.ratio, quick.failed, quick.n], [null, 1, 6]);
    assert.ok(Math.abs(group!.cells.find((cell) => cell.impl === 'slow')!.ratio!.ratio - 0.5) < 0.01);
  });
});

describe('statistics rest on the right runs that count', () => {
  test('not on warm-up runs; the first is shown apart', () => {
    const cold = syntheticOk({ sample: 0, warmup: true, wallMs: 900 });
    const warm = [1, 2, 3].map((sample) => syntheticOk({ sample, wallMs: 100 }));
    const [cell] = buildModel([recordOf([cold, ...warm])]).machines[0]!.groups[0]!.cells;
    assert.deepEqual([cell!.n, cell!.wallMs.median.toFixed(9), cell!.coldMs], [3, '100.000000000', 900]);
    assert.equal(cell!.wallMs.interval.coverage, 0, 'one set of processes');
    assert.equal(Math.round(cell!.itemsPerSecond), 20_480);
    assert.equal(cell!.bytesPerItem, 48);
    assert.equal(cell!.cpuMs, 75);
    const online = cell!.partyPhases.find((phase) => phase.party === 'receiver' && phase.phase === 'online');
    assert.deepEqual([online!.wallMs, online!.cpuMs, online!.steps], [50, 25, { 'hash items': 0.125 }]);
  });

  test('not on seeded runs, which are counted and left out', () => {
    const seeded = syntheticOk({ sample: 0, seeded: true, wallMs: 0.5, impl: 'secret' });
    const model = buildModel([recordOf([seeded, ...six(3).slice(1)])]);
    assert.equal(model.machines[0]!.seededRuns, 1);
    assert.deepEqual(
      model.machines[0]!.groups[0]!.cells.map((cell) => cell.impl),
      ['fast'],
    );
    assert.match(renderMarkdown(model), /1 run with seeded protocol randomness/);
  });
});

describe('sections and references', () => {
  test('private rows are apart from simulated, trusted-party and open ones', () => {
    const model = buildModel([syntheticRecord()]);
    const [none, lan] = model.machines[0]!.groups;
    assert.deepEqual(
      none!.cells.map((cell) => `${cell.impl}: ${cell.section}`),
      ['fast: private', 'slow: private', 'enclave: simulated', 'party: trusted-party', 'hash: not-private'],
    );
    assert.equal(none!.reference!.impl, 'fast');
    assert.deepEqual([lan!.network, lan!.without], ['lan', ['slow']]);
  });

  test('without a private row the fastest of all is the reference, and is called so', () => {
    const open = { impl: 'hash', private: false };
    const facts = syntheticFacts('hash', { kind: 'open' });
    const samples = [...six(4, open), ...six(2, { ...open, impl: 'hash2' })];
    const model = buildModel([
      recordOf(samples, undefined, { implementations: { hash: facts, hash2: facts } }),
    ]);
    assert.equal(model.machines[0]!.groups[0]!.reference!.impl, 'hash2');
    assert.match(
      renderMarkdown(model),
      /the time of hash2, the fastest \(none is private\), over that of the row/,
    );
    assert.match(renderMarkdown(model), /none measured/);
  });
});

describe('several records', () => {
  test('of one machine and code are pooled; other code is another row', () => {
    const a = recordOf(six(10, { run: 'a' }), 'a');
    const b = recordOf(six(12, { run: 'b' }), 'b');
    const code = { ...a.environment.code, commit: 'e'.repeat(40) };
    const c = recordOf(six(14, { run: 'c' }), 'c', { code });
    const [machine, ...others] = buildModel([c, b, a]).machines;
    assert.equal(others.length, 0);
    const cells = machine!.groups[0]!.cells;
    assert.deepEqual(
      cells.map((cell) => [cell.label, cell.n, cell.runs.join()]),
      [
        ['fast at fffffff', 12, 'a,b'],
        ['fast at eeeeeee', 6, 'c'],
      ],
    );
  });

  test('an edited implementation is another row, and is called so; so is what ran under other limits', () => {
    const edited = (source: string) => ({ implementations: { fast: { ...syntheticFacts('fast'), source } } });
    const a = recordOf(six(10, { run: 'a' }), 'a', edited('1'.repeat(64)));
    const b = recordOf(six(14, { run: 'b' }), 'b', edited('2'.repeat(64)));
    const labels = (records: readonly RunRecord[]) =>
      buildModel(records).machines[0]?.groups[0]?.cells.map(({ label, n }) => [label, n]);
    assert.deepEqual(labels([a, b]), [
      ['fast code 1111111', 6],
      ['fast code 2222222', 6],
    ]);
    const conditions = { ...a.environment.conditions, addressSpaceBytes: 2 ** 34 };
    const c = recordOf(six(14, { run: 'c' }), 'c', { ...edited('1'.repeat(64)), conditions });
    assert.equal(new Set(labels([a, c])?.map(String)).size, 2);
  });

  test('data sets of one name and other contents are settings of their own, and are called so', () => {
    const files = (run: string, ms: number, sha256: string) =>
      recordOf(six(ms, { run }), run, { datasets: { random: { key: 'id', receiver_sha256: sha256 } } });
    const groupsOf = (records: readonly RunRecord[]) =>
      buildModel(records).machines[0]?.groups.map(({ dataset, cells }) => [dataset, cells.length]);
    const [a, b] = [files('a', 10, 'x'), files('b', 14, 'y')];
    const groups = groupsOf([a, b]) ?? [];
    assert.deepEqual(
      groups.map(([, cells]) => cells),
      [1, 1],
    );
    for (const [dataset] of groups) assert.match(String(dataset), /^random, contents [0-9a-f]{7}$/);
    assert.deepEqual(groupsOf([a, files('c', 14, 'x')]), [['random', 1]]);
    const seeds = ['1', '2'].map((seed) =>
      recordOf(six(10, { run: seed }), seed, { seed, datasets: { random: { seed } } }),
    );
    assert.deepEqual(groupsOf(seeds), [
      ['random, seed 1', 1],
      ['random, seed 2', 1],
    ]);
  });

  test('of different machines are never compared', () => {
    const a = recordOf(six(10, { run: 'a' }), 'a');
    const host = { ...a.environment.host, fingerprint: 'other', cpu: 'Another synthetic CPU' };
    const b = recordOf(six(20, { run: 'b', impl: 'slow' }), 'b', { host });
    const model = buildModel([a, b]);
    assert.deepEqual(
      model.machines.map((machine) => machine.groups[0]!.cells[0]!.ratio!.ratio),
      [1, 1],
    );
    const text = renderMarkdown(model);
    assert.match(
      text,
      /# Part 1: Synthetic CPU, 2 cores, warm, output: intersection\n[\s\S]*# Part 2: Another synthetic CPU, 2 cores, warm, output/,
    );
    assert.match(summaryTable(model), /^Another synthetic CPU, 2 cores, warm, output: intersection$/m);
  });

  test('of different outputs are never compared: one part each, the intersection first', () => {
    const rows = [...six(5, { output: 'cardinality', cell: 'b' }), ...six(10, { cell: 'a' })];
    const model = buildModel([recordOf(rows)]);
    assert.deepEqual(
      model.machines.map(({ output, groups }) => [output, groups.length, groups[0]?.cells[0]?.ratio?.ratio]),
      [
        ['intersection', 1, 1],
        ['cardinality', 1, 1],
      ],
    );
    const text = renderMarkdown(model);
    assert.match(text, /# Part 1: warm, output: intersection\n[\s\S]*# Part 2: warm, output: cardinality\n/);
    assert.doesNotMatch(text, /different machines/);
  });

  test('of different modes are two questions: one part each, one-shot first, one matrix over both', () => {
    const enclave = { impl: 'enclave', build: 'enclave-simulated', hardware: 'simulated' } as const;
    const oneShot = (over: { readonly impl: string }, ms: number) =>
      six(ms, { ...over, mode: 'one-shot', cell: `${over.impl}/one-shot` });
    const samples = [
      ...oneShot({ impl: 'fast' }, 10),
      ...oneShot(enclave, 40),
      ...six(8, { impl: 'fast' }),
      ...six(2, enclave),
    ];
    const facts = { fast: syntheticFacts('fast'), enclave: syntheticFacts('enclave', { kind: 'enclave' }) };
    const model = buildModel([recordOf(samples, undefined, { implementations: facts })]);
    assert.deepEqual(
      model.machines.map(({ mode }) => mode),
      ['one-shot', 'warm'],
    );
    const text = renderMarkdown(model);
    assert.match(text, /\| 2\^10 × 2\^10 \| none \| fast \| 40\.0 ms \| 10\.0 ms \| 0\.250 × \| enclave \|/);
    assert.equal(text.match(/^## The answer$/gm)?.length, 1);
    assert.equal(text.match(/^## Environment$/gm)?.length, 1);
  });

  test('skipped in one record and measured in another: it was measured', () => {
    const skipped = recordOf([syntheticFailure('skipped', { run: 'a' })], 'a');
    const measured = recordOf(six(10, { run: 'b' }), 'b');
    const [machine] = buildModel([skipped, measured]).machines;
    assert.deepEqual([machine?.failures, machine?.groups[0]?.cells[0]?.failed], [[], 0]);
  });

  test('whose profile of one name means different links are not compared', () => {
    const lan = { bandwidthBps: 1e8, rttMs: 1, measuredBandwidthBps: null, measuredRttMs: null };
    const a = recordOf(six(10, { run: 'a', network: 'lan' }), 'a');
    const b = recordOf(six(20, { run: 'b', network: 'lan' }), 'b', { networks: { lan } });
    assert.equal(buildModel([a, b]).machines[0]!.groups.length, 2);
  });

  test('given twice, or without a declaration, or none at all, are refused', () => {
    const record = recordOf(six(1));
    assert.throws(() => buildModel([record, record]), /run synthetic is given twice/);
    assert.throws(() => buildModel([]), /no record to report/);
    const bare = { ...record, environment: { ...record.environment, implementations: {} } };
    assert.throws(() => buildModel([bare]), /says nothing of implementation "fast"/);
  });
});

describe('rows of one implementation are told apart', () => {
  const cases: readonly [string, object, object, string, string][] = [
    ['by the option that differs', { options: 'a=1;b=2' }, { options: 'a=1;b=3' }, 'fast b=2', 'fast b=3'],
    ['by threads', { threads: 1 }, { threads: 2 }, 'fast 1 thread', 'fast 2 threads'],
    ['by version', { version: '1' }, { version: '2' }, 'fast version 1', 'fast version 2'],
  ];
  for (const [name, a, b, first, second] of cases) {
    test(name, () => {
      const samples = [...six(1, { ...a, cell: 'a' }), ...six(2, { ...b, cell: 'b' })];
      const { cells } = buildModel([recordOf(samples)]).machines[0]!.groups[0]!;
      assert.deepEqual(
        cells.map((cell) => cell.label),
        [first, second],
      );
    });
  }
});

describe('the summary', () => {
  test('fits 110 columns, except for reasons, and has every cell', () => {
    const text = summaryTable(buildModel([syntheticRecord()]));
    const lines = text.split('\n');
    for (const line of lines.slice(0, lines.indexOf('Runs without a result')))
      assert.ok([...line].length <= 110, line);
    for (const impl of ['fast', 'slow', 'enclave', 'party', 'hash'])
      assert.match(text, new RegExp(`^[* ] ${impl} `, 'm'));
    assert.match(text, /died \(2 runs\): the receiver \| was killed/);
  });

  const FAST = [
    [100, 102],
    [98, 101],
    [99, 103],
  ];
  test('as JSON is unrounded and serialisable', async () => {
    const dir = await writeSynthetic(results, syntheticRecord({ run: 'json' }));
    const json = JSON.parse(JSON.stringify(summaryJson(await readModel([dir]))));
    assert.deepEqual(json.runs, ['json']);
    const [fast] = json.machines[0].results;
    assert.deepEqual([fast.impl, json.machines[0].mode, fast.executionsMs], ['fast', 'warm', FAST]);
    assert.equal(json.machines[0].failures.length, 8);
    assert.ok(
      json.machines[0].failures.every((row: object) => !Object.keys(row).some((key) => /ms/i.test(key))),
    );
  });
});
