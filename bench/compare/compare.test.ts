import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Environment } from '../record/environment.ts';
import type { OkSample, RunRecord, Sample } from '../record/samples.ts';
import { bench, emptyFolder } from '../testing/cli.ts';
import {
  syntheticEnvironment,
  syntheticFacts,
  syntheticFailure,
  syntheticOk,
  syntheticParties,
  writeSynthetic,
} from '../testing/synthetic.ts';
import type { Comparison } from './comparison.ts';
import { FORMATS, formatComparison } from './formats.ts';
import { compareRecords } from './index.ts';
import { METRICS, metricNamed } from './metrics.ts';
import { decideRatio, exitCodeOf, exitCodeOfAll, parseShare, VERDICTS, worst } from './verdict.ts';

const NOISE = [1, 1.01, 0.99, 1.02, 0.98, 1.005, 0.995, 1.015, 0.985, 1];

/** Ten measured runs of a cell and a cold one. */
function series(cell: Partial<OkSample>, firstMs = 100): OkSample[] {
  return [3, ...NOISE].map((factor, sample) =>
    syntheticOk({ ...cell, wallMs: factor * firstMs, sample, warmup: sample === 0 }),
  );
}

function record(run: string, samples: readonly Sample[], over: Partial<Environment> = {}): RunRecord {
  const environment = syntheticEnvironment({
    run,
    implementations: { fast: syntheticFacts('fast'), slow: syntheticFacts('slow') },
    ...over,
  });
  const own = samples.map((sample) => ({ ...sample, run }));
  return {
    environment,
    samples: own,
    parties: own.flatMap((sample) => (sample.outcome === 'ok' ? syntheticParties(sample) : [])),
    warnings: [],
  };
}

const { host, conditions } = syntheticEnvironment();
assert.ok(conditions);
const slow = { impl: 'slow' } as const;
const cold = (samples: readonly OkSample[]) => samples.filter(({ warmup }) => warmup);
const BASE = [...series({}), ...series(slow)];

/** A planted fault: the head's samples, what differs in its environment, and what must come of it. */
interface Case {
  readonly title: string;
  readonly base?: readonly Sample[];
  readonly head: readonly Sample[];
  readonly over?: Partial<Environment>;
  readonly flags?: readonly string[];
  /** Of the cell of `fast`. */
  readonly verdict: string;
  readonly reason?: RegExp;
  readonly exit: number;
  readonly strictExit?: number;
}

const cases: readonly Case[] = [
  { title: 'nothing', head: BASE, verdict: 'same', exit: 0 },
  { title: 'time +30 %', head: [...series({}, 130), ...series(slow)], verdict: 'regressed', exit: 1 },
  { title: 'time −30 %', head: [...series({}, 70), ...series(slow)], verdict: 'improved', exit: 0 },
  {
    title: 'time +10 %, at the threshold',
    head: [...series({}, 110), ...series(slow)],
    verdict: 'inconclusive',
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'time +30 % within a threshold of 50 %',
    head: [...series({}, 130), ...series(slow)],
    flags: ['--threshold', '50%'],
    verdict: 'same',
    exit: 0,
  },
  {
    title: 'time +30 %, but so was the yardstick',
    head: [...series({ yardstickUs: 65 }, 130), ...series({ ...slow, yardstickUs: 65 }, 130)],
    verdict: 'inconclusive',
    reason: /machine itself was 30 % slower/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'too few runs',
    head: [...series({}, 130).slice(0, 4), ...series(slow)],
    verdict: 'inconclusive',
    reason: /--runs 6/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'one byte more',
    head: [...series({ senderSentBytes: 65_537 }), ...series(slow)],
    verdict: 'regressed',
    reason: /bytes 98304 → 98305/,
    exit: 1,
  },
  {
    title: 'one byte less',
    head: [...series({ senderSentBytes: 65_535 }), ...series(slow)],
    verdict: 'improved',
    exit: 0,
  },
  {
    title: 'an extra message',
    head: [...series({ messages: 5 }), ...series(slow)],
    verdict: 'regressed',
    reason: /messages 4 → 5/,
    exit: 1,
  },
  {
    title: 'an extra flight',
    head: [...series({ flights: 4 }), ...series(slow)],
    verdict: 'regressed',
    exit: 1,
  },
  {
    title: 'bytes that vary',
    head: [...series({}).with(3, syntheticOk({ sample: 3, senderSentBytes: 7 })), ...series(slow)],
    flags: ['--metric', 'bytes'],
    verdict: 'inconclusive',
    reason: /vary between runs/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'a wrong result',
    head: [
      ...cold(series({})),
      syntheticFailure('wrong', { sample: 1, reason: '1 is missing' }),
      ...series(slow),
    ],
    verdict: 'broken',
    reason: /wrong: 1 is missing/,
    exit: 3,
  },
  {
    title: 'a wrong result beside a regression',
    head: [syntheticFailure('wrong'), ...series(slow, 200)],
    verdict: 'broken',
    exit: 3,
  },
  { title: 'a missing cell', head: series(slow), verdict: 'missing', exit: 3 },
  {
    title: 'a cell skipped now',
    head: [syntheticFailure('skipped'), ...series(slow)],
    verdict: 'missing',
    reason: /skipped/,
    exit: 3,
  },
  {
    title: 'a cell unavailable on both sides',
    base: [syntheticFailure('unavailable'), ...series(slow)],
    head: [syntheticFailure('unavailable'), ...series(slow)],
    verdict: 'incomparable',
    exit: 0,
    strictExit: 4,
  },
  { title: 'a new cell', base: series(slow), head: BASE, verdict: 'new', exit: 0 },
  {
    title: 'a cell that was wrong before',
    base: [syntheticFailure('wrong'), ...series(slow)],
    head: BASE,
    verdict: 'new',
    reason: /wrong in the base/,
    exit: 0,
  },
  {
    title: 'another host',
    head: [...series({}, 200), ...series(slow, 200)],
    over: { host: { ...host, cpu: 'Another CPU', fingerprint: 'another' } },
    verdict: 'incomparable',
    reason: /differs: CPU/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'the same host, with a limit of address space (ulimit -v) and other options',
    head: [...series({}, 200), ...series(slow, 200)],
    over: { conditions: { ...conditions, addressSpaceBytes: 2 ** 34, nodeOptions: '--jitless' } },
    verdict: 'incomparable',
    reason: /differs: limit of address space, NODE_OPTIONS/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'another host, by nothing that is shown',
    head: BASE,
    over: { host: { ...host, fingerprint: 'another' } },
    verdict: 'incomparable',
    reason: /differs: host/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'another host, compared by bytes',
    head: BASE,
    over: { host: { ...host, fingerprint: 'another' } },
    flags: ['--metric', 'bytes'],
    verdict: 'same',
    exit: 0,
  },
  {
    title: 'one byte more on another host',
    head: [...series({ senderSentBytes: 65_537 }), ...series(slow)],
    over: { host: { ...host, fingerprint: 'another' } },
    verdict: 'regressed',
    exit: 1,
  },
  {
    title: 'another seed',
    head: BASE,
    over: { seed: '2' },
    verdict: 'incomparable',
    reason: /seed/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'another engine of the same version',
    head: [...series({ engine: 'other' }), ...series(slow)],
    verdict: 'incomparable',
    reason: /engine/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'another engine that came with a new version',
    head: [...series({ engine: 'other', version: '2' }), ...series(slow)],
    verdict: 'same',
    exit: 0,
  },
  {
    title: 'other data under the same name',
    head: [...series({ resultSha256: 'c'.repeat(64) }), ...series(slow)],
    verdict: 'incomparable',
    reason: /result/,
    exit: 0,
    strictExit: 4,
  },
  {
    title: 'more CPU, by CPU',
    head: [...series({ senderCpuMs: 60, receiverCpuMs: 60 }), ...series(slow)],
    flags: ['--metric', 'cpu'],
    verdict: 'regressed',
    exit: 1,
  },
];

describe('planted faults', () => {
  for (const { title, base = BASE, head, over, flags = [], verdict, reason, exit, strictExit } of cases) {
    test(`${title}: ${verdict}, exit code ${exit}`, () => {
      const option = (name: string) => flags[flags.indexOf(name) + 1]!;
      const comparison = compareRecords([record('a', base)], [record('b', head, over)], {
        metric: flags.includes('--metric') ? metricNamed(option('--metric')) : null,
        wall: metricNamed('wall'),
        threshold: flags.includes('--threshold') ? parseShare(option('--threshold'), 'threshold') : 0.1,
      });
      const cell = comparison.cells.find((one) => one.cell.startsWith('fast/'))!;
      assert.equal(cell.verdict, verdict, JSON.stringify(cell));
      if (reason) assert.match(cell.reason, reason);
      const verdicts = comparison.cells.map((one) => one.verdict);
      assert.equal(exitCodeOfAll(verdicts, false), exit);
      assert.equal(exitCodeOfAll(verdicts, true), strictExit ?? exit);
      for (const format of FORMATS) {
        assert.match(
          formatComparison(comparison, format, false),
          format === 'bmf' ? /"verdict"/ : new RegExp(verdict),
          format,
        );
      }
    });
  }

  test('what only one side has is one line, however many cells, and all of them in JSON', () => {
    const several = ['x', 'y', 'z'].flatMap((impl) => series({ impl }));
    const options = { metric: null, wall: metricNamed('wall'), threshold: 0.1 };
    const grown = compareRecords(
      [record('a', series({}))],
      [record('b', [...series({}), ...several])],
      options,
    );
    const text = formatComparison(grown, 'md', false);
    assert.match(text, /^## No regression: 3 new, 1 same$/m);
    assert.match(text, /^3 cells are only in the head: `x\/\S+`, …; `--format json` lists all of them\.$/m);
    assert.doesNotMatch(text, /[yz]\/random/);
    assert.match(formatComparison(grown, 'json', false), /z\/random/);
    const shrunk = compareRecords([record('a', several)], [record('b', [])], options);
    assert.match(formatComparison(shrunk, 'md', false), /^3 cells are only in the base: `x\//m);
    assert.equal(
      exitCodeOfAll(
        shrunk.cells.map(({ verdict }) => verdict),
        false,
      ),
      3,
    );
    const wrong = syntheticFailure('wrong', { impl: 'new' });
    const spoilt = compareRecords([record('a', series({}))], [record('b', [...series({}), wrong])], options);
    assert.match(formatComparison(spoilt, 'md', false), /\| \*\*new\/\S+ \| \*\*broken/);
  });

  test('"undecided" where nothing was decided, whatever the exit code', () => {
    const options = { metric: null, wall: metricNamed('wall'), threshold: 0.1 };
    const headlineOf = (base: readonly Sample[], head: readonly Sample[]) =>
      formatComparison(compareRecords([record('a', base)], [record('b', head)], options), 'md', false)
        .split('\n', 1)
        .join();
    assert.equal(headlineOf([], series({})), '## Undecided: 1 new');
    assert.equal(headlineOf(series({}), series({}, 110)), '## Undecided: 1 inconclusive');
    assert.equal(
      headlineOf(BASE, [...series({}, 110), ...series(slow)]),
      '## No regression: 1 inconclusive, 1 same',
    );
    assert.equal(headlineOf([], []), '## Undecided: no cells');
  });

  test('a cell of two hosts is compared host by host, and refused twice for one host', () => {
    const there = { host: { ...host, fingerprint: 'there' } };
    const side = (run: string, ms: number) => [
      record(`${run}1`, series({})),
      record(`${run}2`, series({}, ms), there),
    ];
    const options = { metric: null, wall: metricNamed('wall'), threshold: 0.1 };
    const { cells } = compareRecords(side('a', 500), side('b', 900).reverse(), options);
    assert.deepEqual(
      cells.map(({ cell, verdict }) => [cell.split('@')[1], verdict]),
      [
        ['synthetic0000000', 'same'],
        ['there', 'regressed'],
      ],
    );
    const twice = [record('a', BASE), record('c', BASE)];
    assert.throws(() => compareRecords(twice, twice, options), /two records of one machine, a and c/);
  });
});

describe('verdicts', () => {
  test('need the whole interval beyond the threshold', () => {
    const at = (low: number, high: number, coverage = 0.99) =>
      decideRatio({ low, high, coverage }, 0.1, 0.95);
    assert.equal(at(1.11, 1.3), 'regressed');
    assert.equal(at(1.09, 1.3), 'inconclusive');
    assert.equal(at(0.95, 1.09), 'same');
    assert.equal(at(0.8, 0.9), 'improved');
    assert.equal(at(0.8, 1.2), 'inconclusive');
    assert.equal(at(1.11, 1.3, 0.94), 'inconclusive');
  });

  test('of several: 3 before 1 before 4', () => {
    assert.equal(exitCodeOfAll(VERDICTS, true), 3);
    assert.equal(exitCodeOfAll(['regressed', 'inconclusive', 'same'], true), 1);
    assert.equal(exitCodeOfAll(['incomparable', 'same'], true), 4);
    assert.equal(exitCodeOfAll([], true), 4);
    assert.deepEqual([exitCodeOfAll(['new'], true), exitCodeOfAll(['new'], false)], [4, 0]);
    assert.equal(exitCodeOfAll(['new', 'same'], true), 0);
    assert.deepEqual(
      VERDICTS.map((verdict) => exitCodeOf(verdict, true)),
      [3, 3, 1, 4, 4, 0, 0, 0],
    );
    assert.equal(worst(['same', 'improved', 'inconclusive']), 'inconclusive');
  });

  test('shares are read strictly', () => {
    assert.equal(parseShare('5%', 'threshold'), 0.05);
    assert.equal(parseShare('0.05', 'threshold'), 0.05);
    for (const bad of ['5', '0', '-1%', '5 %%', 'x', '']) {
      assert.throws(() => parseShare(bad, 'threshold'), /--threshold expects a share/, bad);
    }
  });

  test('metrics are known by name', () => {
    assert.equal(metricNamed('cpu').unit, 'ms');
    assert.throws(() => metricNamed('cpuu'), /did you mean cpu\?/);
    assert.equal(
      METRICS.find(({ name }) => name === 'memory')!.of(syntheticOk({ senderPeakBytes: null })),
      null,
    );
  });
});

/** Every verdict once. */
const EXAMPLE: Comparison = (() => {
  const cell = (impl: string, over: Partial<OkSample> = {}, ms = 100) => series({ impl, ...over }, ms);
  const base = ['better', 'byte', 'same', 'unclear', 'wrong', 'gone', 'other'].flatMap((impl) => cell(impl));
  const head = [
    ...cell('better', {}, 50),
    ...cell('byte', { senderSentBytes: 65_537 }),
    ...cell('same'),
    ...cell('unclear', {}, 110),
    syntheticFailure('wrong', { impl: 'wrong', reason: 'the result has 511 items | not 512' }),
    ...cell('other', { engine: 'else' }),
    ...cell('fresh'),
  ];
  const options = { metric: null, wall: metricNamed('wall'), threshold: 0.1 };
  return compareRecords([record('base', base)], [record('head', head)], options);
})();

describe('views, byte for byte the ones that were looked at', () => {
  for (const format of FORMATS) {
    test(`golden.${format}.txt`, async () => {
      const text = formatComparison(EXAMPLE, format, false);
      const golden = new URL(`golden.${format}.txt`, import.meta.url);
      if (process.env.UPDATE_GOLDEN) await writeFile(golden, text);
      assert.equal(text, await readFile(golden, 'utf8'));
    });
  }

  test('the JSON formats have the shapes that their readers want', () => {
    const gha = JSON.parse(formatComparison(EXAMPLE, 'gha', false)) as Record<string, unknown>[];
    for (const entry of gha) {
      assert.deepEqual(
        [typeof entry.name, typeof entry.value, typeof entry.unit],
        ['string', 'number', 'string'],
      );
    }
    const bmf = JSON.parse(formatComparison(EXAMPLE, 'bmf', false)) as Record<
      string,
      Record<string, { value: number }>
    >;
    assert.equal(Object.keys(bmf).length, EXAMPLE.cells.length);
    for (const measures of Object.values(bmf)) {
      for (const { value } of Object.values(measures)) assert.ok(Number.isFinite(value));
    }
  });

  test('no view shows the time of a broken cell', () => {
    for (const format of FORMATS) {
      const text = formatComparison(EXAMPLE, format, false);
      const json =
        format === 'md'
          ? text
              .split('\n')
              .filter((line) => line.includes('wrong/'))
              .join()
          : text;
      assert.doesNotMatch(json, format === 'md' ? / ms/ : /wrong\/[^"]* · wall/);
    }
  });
});

describe('bench compare', () => {
  const folders = async () => {
    const dir = await emptyFolder();
    const a = await writeSynthetic(dir, record('a', BASE));
    const b = await writeSynthetic(dir, record('b', [...series({}, 130), ...series(slow)]));
    return { dir, a, b };
  };

  test('prints the verdicts and exits with 1 on a regression', async () => {
    const { dir, a, b } = await folders();
    const { code, stdout, stderr } = await bench(['compare', a, b], dir);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /## Regression: 1 regressed, 1 same/);
  });

  test('takes a folder of several records as one side', async () => {
    const { dir, a } = await folders();
    const both = join(dir, 'both');
    await mkdir(both);
    await writeSynthetic(both, record('c', series({})));
    await writeSynthetic(both, record('d', series(slow)));
    const { code, stdout } = await bench(['compare', a, both, '--format', 'json'], dir);
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as { cells: unknown[] }).cells.length, 2);
  });

  test('a torn last row is dropped with a warning, and the rest compared', async () => {
    const { dir, a, b } = await folders();
    appendFileSync(join(b, 'samples.csv'), 'b,fast/random/r1024');
    const { code, stdout, stderr } = await bench(['compare', a, b], dir);
    assert.equal(code, 1);
    assert.match(stdout, /last line is unfinished/);
    assert.match(stderr, /last line is unfinished/);
  });

  const damage: readonly [title: string, (dir: string) => void, RegExp][] = [
    ['another schema', (dir) => edit(dir, 'environment.json', '"schema": 1', '"schema": 99'), /schema 99/],
    ['a missing column', (dir) => edit(dir, 'samples.csv', 'wall_ms', 'wall_s'), /missing column wall_ms/],
    ['a malformed row', (dir) => edit(dir, 'samples.csv', /ok,,512,/, 'ok,,lots,'), /result_size should be/],
  ];
  for (const [title, spoil, message] of damage) {
    test(`${title} is a usage error: exit code 2, one line`, async () => {
      const { dir, a, b } = await folders();
      spoil(b);
      const { code, stdout, stderr } = await bench(['compare', a, b], dir);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1);
    });
  }

  test('flags that make no sense are usage errors', async () => {
    const { dir, a, b } = await folders();
    for (const flags of [
      ['--threshold', '5'],
      ['--metric', 'wal'],
      ['--format', 'xml'],
    ]) {
      assert.equal((await bench(['compare', a, b, ...flags], dir)).code, 2, flags.join(' '));
    }
  });
});

function edit(dir: string, file: string, from: string | RegExp, to: string): void {
  const path = join(dir, file);
  const text = readFileSync(path, 'utf8');
  const edited = text.replace(from, to);
  assert.notEqual(edited, text);
  writeFileSync(path, edited);
}
