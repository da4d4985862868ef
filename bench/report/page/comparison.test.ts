import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elsewhere, wideRecord } from '../../testing/synthetic-wide.ts';
import { chartData } from '../charts/data.ts';
import { claimRows } from '../claims/text.ts';
import { buildModel } from '../index.ts';
import { hostsOf } from '../machines.ts';
import { pairAnswers, pairTimes } from './comparison.ts';
import type { PageMachine } from './data.ts';

const here = wideRecord();
const model = buildModel([here, elsewhere(wideRecord('synthetic-wide-2'))]);
const parts = model.machines.map(
  (machine, host): PageMachine => ({
    ...{ name: '', host, output: machine.output, mode: machine.mode },
    charts: chartData(machine),
    claims: claimRows(machine.groups),
  }),
);

test('records of two machines stay apart: names, runs and samples', () => {
  const hosts = hostsOf(model.machines);
  assert.deepEqual(
    hosts.map(({ name }) => name),
    [`${here.environment.host.cpu}, ${here.environment.host.cores} cores`, 'synthetic elsewhere, 64 cores'],
  );
  const alone = buildModel([here]).machines[0]!;
  const [first] = hosts[0]!.parts;
  assert.deepEqual(first!.groups, alone.groups);
});

test('machines of one description are told apart by fingerprint', () => {
  const other = elsewhere(wideRecord('synthetic-wide-2'));
  const host = { ...here.environment.host, fingerprint: '123456789abc' };
  const twins = buildModel([here, { ...other, environment: { ...other.environment, host } }]);
  const names = hostsOf(twins.machines).map(({ name }) => name);
  assert.equal(new Set(names).size, 2);
  assert.match(names.join(), /\(12345678\)/);
});

test('times are paired row by row, with both intervals and the ratio of the two', () => {
  const [a, b] = parts;
  const pairs = pairTimes(a!, b!);
  assert.equal(pairs.length, a!.charts.points.length);
  for (const { here: own, there, ratio } of pairs) {
    assert.ok(Math.abs(there.ms / own.ms - 2) < 1e-9);
    assert.ok(ratio !== null && Math.abs(ratio.ratio - 2) < 1e-9 && ratio.low < 2 && ratio.high > 2);
    assert.ok(own.low < own.ms && own.ms < own.high && there.low > own.high);
  }
});

test('a network of the same name that is another link gives no ratio', () => {
  const [a, b] = parts;
  const links = { ...b!.charts.links, wan: { bandwidthBps: 5e7, rttMs: 20.1 } };
  const pairs = pairTimes(a!, { ...b!, charts: { ...b!.charts, links } });
  for (const { here: own, ratio } of pairs) assert.equal(ratio === null, own.network === 'wan');
});

test('verdicts of both, also where only one was measured', () => {
  const [a, b] = parts;
  const short = { ...b!, claims: b!.claims.filter(({ network }) => network !== 'lan') };
  const pairs = pairAnswers(a!, short);
  assert.ok(pairs.some(({ network }) => network === 'lan'));
  for (const { network, here: own, there } of pairs) {
    assert.ok(own?.ratio);
    assert.equal(there === null, network === 'lan');
    // Both sides took twice as long: the same ratio.
    if (there?.ratio) assert.ok(Math.abs(there.ratio.ratio - own.ratio.ratio) < 1e-9);
  }
});
