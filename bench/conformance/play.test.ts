import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Implementation } from '../contract.ts';
import { type CheckResult, checkImplementation, conformanceChecks, runInMemory } from './index.ts';
import { play } from './play.ts';
import { caseOf, intersection, items, randomCase, shuffled } from './sets.ts';
import { baseline, baselineHelper, baselineReceiver } from './wrong/right.ts';

const sets = caseOf(['a', 'b', 'c'], ['c', 'd', 'a']);

test('a run: result, counts and flights', async () => {
  const run = await runInMemory(baseline, { ...sets, seed: 'x' });
  assert.deepEqual(run.result, Uint32Array.of(0, 2));
  assert.deepEqual(run.flights, { setup: 1, prepare: 0, online: 1 });
  assert.deepEqual(
    run.counts.map(({ phase, from, messages, bytes }) => [phase, from, messages, bytes]),
    [
      ['setup', 'receiver', 1, 16],
      ['setup', 'sender', 1, 16],
      ['online', 'sender', 1, 24],
    ],
  );
});

test('a run with a helper', async () => {
  const run = await runInMemory(baselineHelper, sets);
  assert.deepEqual(run.result, Uint32Array.of(0, 2));
  assert.equal(run.flights.online, 2);
});

test('steps, usage and the end of the run reach the session', async () => {
  let signal: AbortSignal | undefined;
  const closed: string[] = [];
  const noisy: Implementation = {
    ...baseline,
    receiver: (session) => ({
      ...baselineReceiver(session),
      async prepare() {
        signal = session.signal;
        session.step('sort', 2);
        session.addUsage({ cpuMs: 3, peakBytes: 4 });
      },
      close: () => {
        closed.push(session.role);
      },
    }),
  };
  const run = await runInMemory(noisy, sets);
  assert.deepEqual(run.steps, [{ role: 'receiver', phase: 'prepare', name: 'sort', ms: 2 }]);
  assert.deepEqual(run.usage, [{ role: 'receiver', phase: 'prepare', cpuMs: 3, peakBytes: 4 }]);
  assert.equal(signal?.aborted, true);
  assert.deepEqual(closed, ['receiver']);
});

test('the first error is the one that is thrown, and everybody is closed', async () => {
  const closed: string[] = [];
  const failing: Implementation = {
    ...baseline,
    receiver: (session) => ({ ...baselineReceiver(session), close: () => void closed.push('receiver') }),
    sender: () => ({
      online: async () => {},
      setup: async () => {
        throw new Error('no setup today');
      },
      close: () => void closed.push('sender'),
    }),
  };
  await assert.rejects(runInMemory(failing, sets), /no setup today/);
  assert.deepEqual(closed, ['receiver', 'sender']);
  const { endings } = await play(failing, sets);
  assert.deepEqual([...endings.keys()], ['sender', 'receiver']);
  assert.match(
    String((endings.get('receiver') as { error: Error }).error),
    /the sender is gone: no setup today/,
  );
});

test('a factory that throws is a failed party', async () => {
  const broken: Implementation = {
    ...baseline,
    receiver: () => {
      throw new Error('cannot be made');
    },
  };
  await assert.rejects(runInMemory(broken, sets), /cannot be made/);
});

test('a party that never settles hangs', async () => {
  const hanging: Implementation = {
    ...baseline,
    sender: () => ({ online: () => new Promise(() => {}), setup: () => new Promise(() => {}) }),
  };
  await assert.rejects(runInMemory(hanging, { ...sets, limitMs: 50 }), /hangs in setup/);
});

test('unread messages fail a run', async () => {
  const chatty: Implementation = {
    ...baseline,
    receiver: (session) => {
      const party = baselineReceiver(session);
      return {
        ...party,
        async online(items) {
          await session.channel('sender').send(new Uint8Array(1));
          return party.online(items);
        },
      };
    },
  };
  await assert.rejects(runInMemory(chatty, sets), /the sender left 1 message\(s\) from the receiver unread/);
});

test('checks: unavailable implementations are skipped with the reason, their declarations checked', async () => {
  const seen: CheckResult[] = [];
  const missing: Implementation = { ...baseline, available: async () => 'install the thing first' };
  const results = await checkImplementation(missing, { onCheck: (result) => seen.push(result) });
  assert.deepEqual(seen, results);
  assert.equal(results.length, conformanceChecks.length);
  const passed = results.filter(({ outcome }) => outcome === 'passed');
  assert.equal(passed.length, 5);
  const skipped = results.filter(({ reason }) => reason === 'not available: install the thing first');
  assert.equal(skipped.length, results.filter(({ outcome }) => outcome === 'skipped').length - 5);
});

test('checks: names are unique, and an unknown one is refused with the nearest', async () => {
  const names = conformanceChecks.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  await assert.rejects(
    checkImplementation(baseline, { only: ['handles sets of one itm'] }),
    /there is no check "handles sets of one itm"\. Did you mean "handles sets of one item"\?/,
  );
  const skip = [{ reason: 'just because', checks: ['handles sets of one item'] }];
  const [result] = await checkImplementation(baseline, { skip, only: ['handles sets of one item'] });
  assert.deepEqual([result!.outcome, result!.reason], ['skipped', 'just because']);
});

test('sets: as many in common as asked for, all different, whatever the label', () => {
  for (const hits of [0, 3, 7]) {
    const { receiver, sender, expected } = randomCase(`hits ${hits}`, { receiver: 7, sender: 9 }, hits);
    assert.equal(expected.length, hits);
    assert.deepEqual([receiver.count, sender.count], [7, 9]);
    assert.deepEqual(
      intersection(receiver, receiver),
      Uint32Array.from({ length: 7 }, (_, i) => i),
    );
  }
  const all = ['a', 'b']
    .flatMap((label) => items(label, 50))
    .map((item) => Buffer.from(item).toString('hex'));
  assert.equal(new Set(all).size, 100);
  assert.deepEqual(shuffled([1, 2, 3, 4], 'x').sort(), [1, 2, 3, 4]);
});
