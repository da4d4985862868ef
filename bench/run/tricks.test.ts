import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { groupMembers } from '../machine/processes.ts';
import type { Link } from '../network/index.ts';
import { emptyFolder, startBench } from '../testing/cli.ts';
import { partiesOf } from '../testing/processes.ts';
import { HIDDEN_MS } from '../testing/tricks.ts';
import { hiddenFlights, unexplainedMs } from './hidden-flights.ts';
import { Parties, type PlayedRun } from './parties.ts';

const TRICKS = fileURLToPath(new URL('../testing/tricks.ts', import.meta.url));
const LINUX = { skip: process.platform !== 'linux' };

const started: Parties[] = [];
after(() => {
  for (const parties of started) parties.kill();
});

const LINK: Link = { bandwidthBps: 100e6, rttMs: 20 };

async function partiesWith(id: string, link: Link | null = null): Promise<Parties> {
  const parties = await Parties.start(
    {
      roles: ['receiver', 'sender'],
      implementation: { module: TRICKS, id },
      dataset: { kind: 'random', receiverSize: 8, senderSize: 8, overlap: 0, seed: 'tricks' },
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
  started.push(parties);
  return parties;
}

type Played = Extract<PlayedRun, { outcome: 'played' }>;

/** Plays it some times and gives the last run. */
async function play(parties: Parties, times = 2): Promise<Played> {
  for (let run = 0; ; run++) {
    const played = await parties.play(run, 20_000);
    if (played.outcome !== 'played') assert.fail(played.reason);
    if (run + 1 === times) return played;
  }
}
const wallOf = ({ phases }: Played, phase: string) =>
  phases.find((one) => one.phase === phase)?.wallMs ?? Number.NaN;

test('a result that is only filled in later is not the result', async () => {
  const parties = await partiesWith('fills-later');
  assert.deepEqual((await play(parties)).result, Uint32Array.of(7));
  await parties.dismiss();
});

test('work in the making of a party is in the time, work in close is shown', async () => {
  const making = await partiesWith('works-when-made');
  assert.ok(wallOf(await play(making), 'start') >= HIDDEN_MS);
  await making.dismiss();
  const closing = await partiesWith('works-in-close');
  assert.ok((await play(closing)).closeMs >= HIDDEN_MS);
  await closing.dismiss();
});

test('a phase ends when the work is done that it left to a worker', LINUX, async () => {
  const parties = await partiesWith('works-in-background');
  const played = await play(parties);
  assert.ok(wallOf(played, 'prepare') >= HIDDEN_MS * 0.8, String(wallOf(played, 'prepare')));
  await parties.dismiss();
});

test('remembering what was done for an item gains nothing: no run sees items of another', async () => {
  const parties = await partiesWith('remembers');
  for (let run = 0; run < 3; run++) {
    const played = await parties.play(run, 20_000);
    assert.equal(played.outcome, 'played');
    const online = (played as Played).phases.find(({ phase }) => phase === 'online');
    assert.equal(online?.parties.get('sender')?.traffic.receiver?.sentBytes, 1008, `run ${run}`);
  }
  await parties.dismiss();
});

test('processes that a party starts are counted, and end with it', LINUX, async () => {
  const parties = await partiesWith('leaves-a-child');
  const played = await play(parties, 1);
  const online = played.phases.find(({ phase }) => phase === 'online');
  assert.equal(online?.parties.get('sender')?.children, 1);
  const group = parties.pids.get('sender') ?? 0;
  assert.equal(groupMembers(group).length, 2);
  await parties.dismiss();
  await waitFor(() => groupMembers(group).length === 0);
});

test('what they compute is charged, declared or not', LINUX, async () => {
  const parties = await partiesWith('works-in-a-child');
  const online = (await play(parties)).phases.find(({ phase }) => phase === 'online');
  assert.ok((online?.parties.get('sender')?.cpuUserMs ?? 0) >= HIDDEN_MS);
  await parties.dismiss();
});

for (const id of ['odd-step', 'odd-usage']) {
  test(`${id}: the run is broken, and nothing else`, async () => {
    const parties = await partiesWith(id);
    const played = await parties.play(0, 20_000);
    assert.equal(played.outcome, 'broken');
  });
}

test('a party in an endless loop ends when the harness is killed', LINUX, async () => {
  const dir = await emptyFolder();
  const words = ['run', '--impl', only(dir, 'never-yields'), '--size', '8', '--overlap', '0'];
  const { child, finished } = startBench(words, dir);
  let left: number[] = [];
  await waitFor(() => {
    // Computing for good: the loop, not the start.
    left = partiesOf(child.pid ?? 0).filter((pid) => cpuTicks(pid) > 60);
    return left.length > 0;
  });
  child.kill('SIGKILL');
  await finished;
  await waitFor(() => left.every((pid) => groupMembers(pid).length === 0));
});

test('messages that waited for one another in one flight are found over a shaped network', async () => {
  const parties = await partiesWith('one-flight-for-all', LINK);
  const waits: number[] = [];
  for (let run = 0; run < 3; run++) {
    const played = await parties.play(run, 20_000);
    if (played.outcome !== 'played') assert.fail(played.reason);
    const online = played.phases.find(({ phase }) => phase === 'online');
    assert.ok((online?.parties.get('receiver')?.flights ?? 99) < 20, 'twenty messages, one after the other');
    waits.push(unexplainedMs(played.phases, LINK));
  }
  assert.match(hiddenFlights(waits, LINK) ?? '', /each of 3 runs waited at least \d+ ms/);
  await parties.dismiss();
});

/** A module with one of the tricks alone. */
function only(dir: string, id: string): string {
  const path = join(dir, `${id}.ts`);
  const text = `import all from ${JSON.stringify(TRICKS)};\nexport default all.filter((one) => one.id === '${id}');\n`;
  writeFileSync(path, text);
  return path;
}

function cpuTicks(pid: number): number {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return 0; // It has ended meanwhile.
  }
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[11]);
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('waited in vain');
}
