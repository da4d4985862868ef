import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Implementation } from '../contract.ts';
import type { Located } from '../implementations/find.ts';
import { builtIn } from '../implementations/find.ts';
import { resolveOptions } from '../implementations/options.ts';
import { formatOptions } from '../record/samples.ts';
import { choose, type Job, type Observed, observedKey, referenceObservations } from './choose.ts';

const all = await builtIn();

function pick(id: string, changes: Partial<Implementation> = {}): Located {
  const located = all.find(({ implementation }) => implementation.id === id);
  assert.ok(located);
  return { ...located, implementation: { ...located.implementation, ...changes } };
}

/** One of which nothing is known. */
function unestimated(id: string): Located {
  const located = pick('ecdh', { id });
  const { estimate: _, ...implementation } = located.implementation;
  return { ...located, implementation };
}

const job: Job = {
  sizes: { receiver: 1000, sender: 1000 },
  output: { kind: 'intersection' },
  threads: 1,
  link: null,
};

function observed(located: Located, ...rows: Observed[]): [string, Observed[]] {
  const { implementation } = located;
  return [observedKey(implementation, formatOptions(resolveOptions(implementation, {}))), rows];
}

test('the fastest private one is taken, by what was measured between the neighbouring sizes', async () => {
  const one = pick('ecdh', { id: 'one' });
  const other = pick('ecdh', { id: 'other' });
  const known = new Map([
    observed(
      one,
      { items: 1000, wallMs: 100, flights: 3, sentBytes: [1000, 1000] },
      { items: 3000, wallMs: 300, flights: 3, sentBytes: [3000, 3000] },
    ),
    observed(other, { items: 2000, wallMs: 190, flights: 3, sentBytes: [2000, 2000] }),
  ]);
  const { chosen, why } = await choose([one, other], job, known);
  assert.equal(chosen.located.implementation.id, 'other');
  assert.equal(chosen.wallMs, 190);
  assert.match(
    why,
    /^other is taken: about 190 ms for 1,000 × 1,000 items, by the reference run; then one about 200 ms$/,
  );
});

test('the network decides: few flights and many bytes over a far or a narrow link', async () => {
  const chatty = pick('ecdh', { id: 'chatty' });
  const bulky = pick('ecdh', { id: 'bulky' });
  const known = new Map([
    observed(chatty, { items: 2000, wallMs: 10, flights: 20, sentBytes: [1000, 1000] }),
    observed(bulky, { items: 2000, wallMs: 20, flights: 2, sentBytes: [1e6, 1e6] }),
  ]);
  const over = async (bandwidthBps: number, rttMs: number) => {
    const link = { bandwidthBps, rttMs };
    return (await choose([chatty, bulky], { ...job, link }, known)).chosen.located.implementation.id;
  };
  assert.equal(await over(1e9, 100), 'bulky');
  assert.equal(await over(1e6, 1), 'chatty');
});

test('what is not private here, cannot do it or is unknown is left out, with the reason', async () => {
  const { chosen, why } = await choose(
    [
      pick('hash'),
      pick('plaintext'),
      pick('enclave'),
      pick('ecdh'),
      pick('ecdh', { id: 'small', limits: { receiver: 10 } }),
      pick('ecdh', { id: 'absent', available: async () => 'no such package' }),
      unestimated('secretive'),
    ],
    job,
    new Map(),
  );
  assert.equal(chosen.located.implementation.id, 'ecdh');
  assert.equal(chosen.basis, 'its own estimate, without the network');
  for (const reason of [
    'hash (not private)',
    'plaintext (a third party would have to be trusted)',
    'enclave (its enclave is simulated here, which protects nothing)',
    'small (at most 10 items at the receiver)',
    'absent (no such package)',
    'secretive (nothing tells what it takes)',
  ]) {
    assert.ok(why.includes(reason), `${reason} in ${why}`);
  }
});

test('an enclave of real hardware is a candidate', async () => {
  const enclave = pick('enclave', { hardware: () => 'real' });
  const known = new Map([observed(enclave, { items: 2000, wallMs: 1, flights: 3, sentBytes: [1, 1, 1] })]);
  assert.equal(
    (await choose([enclave, pick('ecdh')], job, known)).chosen.located.implementation.id,
    'enclave',
  );
});

test('without a candidate the reasons are the error', async () => {
  await assert.rejects(choose([pick('hash')], job, new Map()), {
    name: 'UsageError',
    message: /--impl auto finds no implementation: hash \(not private\); name one with --impl/,
  });
});

test('the reference run is read; what is not there tells nothing', async () => {
  const observations = await referenceObservations();
  assert.ok([...observations.values()].flat().every(({ items, wallMs }) => items > 0 && wallMs > 0));
  assert.ok([...observations.keys()].some((key) => key.startsWith('hash ')));
  assert.equal((await referenceObservations('/nowhere')).size, 0);
});
