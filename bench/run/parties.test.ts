import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DatasetSpec } from '../../datasets/dataset.ts';
import { Parties } from './parties.ts';

const FAULTY = fileURLToPath(new URL('../testing/faulty.ts', import.meta.url));
const DATA: DatasetSpec = { kind: 'random', receiverSize: 8, senderSize: 8, overlap: 4, seed: 'parties' };

async function partiesOf(id: string): Promise<Parties> {
  const parties = await Parties.start(
    {
      roles: ['receiver', 'sender'],
      implementation: { module: FAULTY, id },
      dataset: DATA,
      sizes: { receiver: 8, sender: 8 },
      options: {},
      output: { kind: 'intersection' },
      threads: 1,
      protocolSeed: null,
    },
    30_000,
  );
  assert.ok(parties instanceof Parties, 'outcome' in parties ? parties.reason : '');
  return parties;
}

/** Whether a process is still there (a killed one takes a moment to go). */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

test('a run is played phase by phase, again and again, by the same processes', async () => {
  const parties = await partiesOf('clear');
  for (let sample = 0; sample < 3; sample++) {
    const play = await parties.play(sample, 10_000);
    assert.equal(play.outcome, 'played');
    if (play.outcome !== 'played') return;
    assert.equal((play.result as Uint32Array).length, 4);
    assert.deepEqual(
      play.phases.map(({ phase }) => phase),
      ['start', 'online'],
    );
    const [, { parties: usage } = assert.fail('no phase')] = play.phases;
    assert.equal(usage.get('sender')!.traffic.receiver!.sentMessages, 1);
    assert.equal(usage.get('sender')!.traffic.receiver!.sentBytes, 8 + 8 * 33 - 1);
    assert.equal(usage.get('receiver')!.traffic.sender!.receivedBytes, 8 + 8 * 33 - 1);
    assert.equal(usage.get('receiver')!.flights, 1);
  }
  const pids = [...parties.pids.values()];
  await parties.dismiss();
  for (const pid of pids) assert.ok(await isGone(pid!));
});

for (const [id, outcome, reason] of [
  ['throws', 'died', /the sender failed during online: the sender gave up on purpose/],
  ['exits', 'died', /the sender's process ended with exit code 9 during online/],
  ['greedy', 'memory', /the sender failed during online: .*(allocation failed|Invalid typed array length)/i],
  ['unread', 'broken', /the receiver left a message of the sender unread, of \d+ bytes/],
  ['early', 'broken', /the sender failed during prepare: nothing can be sent or received in phase "prepare"/],
] as const) {
  test(`a party that ${id}: the run is "${outcome}", the reason names the culprit, no process stays`, async () => {
    const parties = await partiesOf(id);
    const pids = [...parties.pids.values()];
    const play = await parties.play(0, 20_000);
    assert.equal(play.outcome, outcome);
    assert.match((play as { reason: string }).reason, reason);
    for (const pid of pids) assert.ok(await isGone(pid!));
  });
}

test('a party that stalls: timeout, and the reason says who was doing what', async () => {
  const parties = await partiesOf('stalls');
  const pids = [...parties.pids.values()];
  const play = await parties.play(0, 300);
  assert.equal(play.outcome, 'timeout');
  assert.match((play as { reason: string }).reason, /longer than 0\.3 s .*sender: online.*--timeout/);
  for (const pid of pids) assert.ok(await isGone(pid!));
});

test('a party killed from outside is named, not the one that noticed', async () => {
  const parties = await partiesOf('stalls');
  const playing = parties.play(0, 20_000);
  setTimeout(() => process.kill(parties.pids.get('receiver')!, 'SIGKILL'), 200);
  const play = await playing;
  assert.equal(play.outcome, 'died');
  assert.match((play as { reason: string }).reason, /the receiver's process was killed by SIGKILL .*during/);
});

test('an implementation that cannot be loaded is a failure with a reason', async () => {
  const parties = await Parties.start(
    {
      roles: ['receiver', 'sender'],
      implementation: { module: FAULTY, id: 'nobody' },
      dataset: DATA,
      sizes: { receiver: 8, sender: 8 },
      options: {},
      output: { kind: 'intersection' },
      threads: 1,
      protocolSeed: null,
    },
    30_000,
  );
  assert.ok(!(parties instanceof Parties));
  assert.match(parties.reason, /has no implementation "nobody"/);
});
