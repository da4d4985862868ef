import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mulberry32 } from '../statistics/stats.ts';
import { bench, emptyFolder } from '../testing/cli.ts';
import { advice, type Diagnosis, noiseFacts } from './doctor.ts';
import { DEFAULT_RULE } from './rule.ts';

function pairs(noise: number, drift = 0) {
  const random = mulberry32(5);
  const cost = (i: number) => {
    const cpuMs = 10 * (1 + drift * i) * Math.exp(noise * (random() - 0.5));
    return { cpuMs, wallMs: cpuMs / 2 };
  };
  return Array.from({ length: 40 }, (_, i) => ({ base: cost(i), head: cost(i) }));
}

test('a quiet machine resolves little more than the threshold, a noisy one much more', () => {
  const quiet = noiseFacts('cpu', pairs(0.01), DEFAULT_RULE);
  const noisy = noiseFacts('cpu', pairs(0.5), DEFAULT_RULE);
  assert.ok(quiet.spread < 0.02 && noisy.spread > 0.2);
  assert.ok(quiet.halfWidth < 0.005 && noisy.halfWidth > 0.03);
  const last = ({ resolvable }: typeof quiet) => resolvable.at(-1)!.slowdown;
  assert.ok(last(quiet) > 0.05 && last(quiet) < 0.06, String(last(quiet)));
  assert.ok(last(noisy) > 0.08, String(last(noisy)));
  for (const { resolvable } of [quiet, noisy]) {
    assert.deepEqual(
      resolvable.map(({ pairs }) => pairs),
      DEFAULT_RULE.looks,
    );
    const slowdowns = resolvable.map(({ slowdown }) => slowdown);
    assert.deepEqual(
      slowdowns,
      slowdowns.toSorted((a, b) => b - a),
      'more pairs resolve more',
    );
  }
});

test('drift is seen, and does not disturb the pairs', () => {
  const { drift, halfWidth } = noiseFacts('wall', pairs(0.01, 0.02), DEFAULT_RULE);
  assert.ok(drift > 0.3 && halfWidth < 0.005);
});

const diagnosis = (over: Partial<Diagnosis>): Diagnosis => ({
  cell: 'x',
  load: [0, 0],
  yardsticks: [{ name: 'X25519', medianUs: 30, spread: 0.01 }],
  pairs: [],
  noise: (['cpu', 'wall'] as const).map((metric) => noiseFacts(metric, pairs(0.01), DEFAULT_RULE)),
  verdict: 'same',
  ...over,
});

test('the advice names what is wrong, and what can be resolved', () => {
  const said = (over: Partial<Diagnosis>) => advice(diagnosis(over), 0.05).join('\n');
  assert.match(said({}), /^bench ab finds a slow-down of (5\.\d|6) % here with 10 pairs/);
  assert.match(said({ load: [0.5, 0] }), /close it, or keep the benchmark off its cores with --cpus/);
  assert.match(said({ load: [0.5, 0.9] }), /on every core: close it/);
  assert.match(
    said({ yardsticks: [{ name: 'X25519', medianUs: 30, spread: 0.4 }] }),
    /X25519\) varies by 40 %/,
  );
  const noisy = (['cpu', 'wall'] as const).map((metric) => noiseFacts(metric, pairs(1), DEFAULT_RULE));
  assert.match(said({ noise: noisy }), /slow-downs from \d+ % on only/);
  const drifting = (['cpu', 'wall'] as const).map((m) => noiseFacts(m, pairs(0.01, 0.02), DEFAULT_RULE));
  assert.match(said({ noise: drifting }), /drifted by \d+ %/);
  assert.match(said({ verdict: 'regressed' }), /which is false/);
});

test('bench doctor refuses what cannot run', async () => {
  const dir = await emptyFolder();
  assert.equal((await bench(['doctor', '--impl', 'hsh'], dir)).code, 2);
  assert.equal((await bench(['doctor', '--pairs', '11'], dir)).code, 2);
});
