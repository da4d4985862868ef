import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DatasetSpec } from '../../datasets/dataset.ts';
import { FRAME_BYTES } from '../party/frame.ts';
import { Parties } from '../run/parties.ts';
import { violationOf } from '../run/physics.ts';
import { calibrate, openLink } from './calibration.ts';
import type { Link } from './index.ts';

const FAULTY = fileURLToPath(new URL('../testing/faulty.ts', import.meta.url));
const DATA: DatasetSpec = { kind: 'random', receiverSize: 8, senderSize: 8, overlap: 4, seed: 'relay' };
const LINK: Link = { bandwidthBps: 200e6, rttMs: 4 };

async function partiesOf(id: string, link: Link): Promise<Parties> {
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
    undefined,
    { link, peer: null, version: '' },
  );
  assert.ok(parties instanceof Parties, 'outcome' in parties ? parties.reason : '');
  return parties;
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

test('what goes in comes out, in order, both ways at once, and never sooner than the link allows', async (t) => {
  const { near, far, close } = await openLink(LINK);
  t.after(close); // a relay that is left behind keeps this process
  const messages = [1, 70_000, 0, 3_000_000, 9, 500_000].map((length) => randomBytes(length));
  const from = performance.now();
  const pass = async (a: typeof near, b: typeof far) => {
    const sending = (async () => {
      for (const message of messages) await a.send(message);
    })();
    for (const message of messages) assert.ok(message.equals(await b.receive()));
    await sending;
  };
  await Promise.all([pass(near, far), pass(far, near)]);
  const bytes = messages.reduce((sum, { length }) => sum + length + FRAME_BYTES, 0);
  // A lower bound only: how late it may be is the machine's business, and the benchmark's.
  assert.ok(performance.now() - from >= (bytes * 8000) / LINK.bandwidthBps + LINK.rttMs / 2);
});

test('a reader that takes nothing stops the sender: buffers are bounded', async (t) => {
  const { near, far, close } = await openLink({ bandwidthBps: 1e9, rttMs: 0 });
  t.after(close); // a relay that is left behind keeps this process
  const block = Buffer.alloc(1 << 20);
  const COUNT = 64;
  let sent = 0;
  const sending = (async () => {
    for (; sent < COUNT; sent++) await near.send(block);
  })();
  // Long enough for all of it, many times over.
  for (let last = -1; last !== sent; ) {
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  // The reader's 4 MiB, the relay's queue, and what the system's sockets hold on three hops.
  assert.ok(sent < COUNT / 2, `${sent} of ${COUNT} MiB went off though nobody reads`);
  for (let i = 0; i < COUNT; i++) assert.equal((await far.receive()).length, block.length);
  await sending;
});

test('one side leaves: what it had sent still arrives, then the other side is told', async (t) => {
  const { near, far, close } = await openLink({ bandwidthBps: 1e6, rttMs: 100 });
  t.after(close); // a relay that is left behind keeps this process
  await near.send(Buffer.from('last words'));
  near.close();
  assert.equal(Buffer.from(await far.receive()).toString(), 'last words');
  await assert.rejects(far.receive(), { name: 'PeerGoneError' });
});

test('calibration gives figures of the asked kind; the loopback has none', async () => {
  const facts = await calibrate({ name: 'x', link: LINK });
  assert.deepEqual([facts.bandwidthBps, facts.rttMs], [200e6, 4]);
  assert.ok(facts.measuredRttMs! >= 4, `${facts.measuredRttMs}`);
  assert.ok(facts.measuredBandwidthBps! > 0 && facts.measuredBandwidthBps! < 1.1 * 200e6);
  assert.equal((await calibrate({ name: 'none', link: null })).measuredRttMs, null);
});

test('a run over a link: right, physically possible, counted by the relay; then no process stays', async (t) => {
  const parties = await partiesOf('clear', LINK);
  t.after(() => parties.kill());
  for (let sample = 0; sample < 3; sample++) {
    const play = await parties.play(sample, 10_000);
    assert.equal(play.outcome, 'played');
    if (play.outcome !== 'played') return;
    assert.equal((play.result as Uint32Array).length, 4);
    const online = play.phases.find(({ phase }) => phase === 'online');
    assert.ok(online && online.wallMs >= LINK.rttMs / 2);
    const message = FRAME_BYTES + 8 * 33 - 1;
    assert.deepEqual(
      play.carried!.map(({ from, to, bytes }) => [from, to, bytes]),
      [
        ['sender', 'receiver', message + FRAME_BYTES],
        ['receiver', 'sender', FRAME_BYTES],
      ],
    );
    assert.equal(violationOf(play.phases, 64, { bound: LINK, carried: play.carried }), undefined);
  }
  const pids = [...parties.pids.values(), parties.relayPid];
  await parties.dismiss();
  for (const pid of pids) assert.ok(await isGone(pid!));
});

test('the relay killed from outside is named, and the parties go with it', async (t) => {
  const parties = await partiesOf('stalls', LINK);
  t.after(() => parties.kill());
  const pids = [...parties.pids.values()];
  const playing = parties.play(0, 20_000);
  setTimeout(() => process.kill(parties.relayPid!, 'SIGKILL'), 200);
  const play = await playing;
  assert.equal(play.outcome, 'died');
  assert.match((play as { reason: string }).reason, /network relay's process was killed by SIGKILL/);
  for (const pid of pids) assert.ok(await isGone(pid!));
});

test('a party killed from outside is named, not the relay; the relay goes too', async (t) => {
  const parties = await partiesOf('stalls', LINK);
  t.after(() => parties.kill());
  const relay = parties.relayPid!;
  const playing = parties.play(0, 20_000);
  setTimeout(() => process.kill(parties.pids.get('sender')!, 'SIGKILL'), 200);
  const play = await playing;
  assert.match((play as { reason: string }).reason, /the sender's process was killed by SIGKILL/);
  assert.ok(await isGone(relay));
});
