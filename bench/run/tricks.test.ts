import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type DatasetSpec, expectedIntersection } from '../../datasets/dataset.ts';
import { HIDDEN_MS, ROUNDS, type Trick, tricks } from '../conformance/wrong/tricks.ts';
import { groupMembers } from '../machine/processes.ts';
import type { Link } from '../network/index.ts';
import { emptyFolder, startBench } from '../testing/cli.ts';
import { partiesOf } from '../testing/processes.ts';
import { hiddenFlights, unexplainedMs } from './hidden-flights.ts';
import { Parties, type PlayedRun } from './parties.ts';
import { faultOf } from './verify.ts';

const TRICKS = fileURLToPath(new URL('../conformance/wrong/tricks.ts', import.meta.url));
const SIZE = 8;
const DATA: DatasetSpec = {
  kind: 'random',
  receiverSize: SIZE,
  senderSize: SIZE,
  overlap: 4,
  seed: 'tricks',
};
/** Threads and children are found where `/proc` tells of them. */
const isLinux = process.platform === 'linux';

const started: Parties[] = [];
after(() => {
  for (const parties of started) parties.kill();
});

const LINK: Link = { bandwidthBps: 100e6, rttMs: 20 };

async function partiesWith({ implementation }: Trick, link: Link | null = null): Promise<Parties> {
  const parties = await Parties.start(
    {
      roles: ['receiver', 'sender'],
      implementation: { module: TRICKS, id: implementation.id },
      dataset: DATA,
      sizes: { receiver: SIZE, sender: SIZE },
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

/** Plays it some times and gives the runs. */
async function play(parties: Parties, times: number): Promise<Played[]> {
  const runs: Played[] = [];
  while (runs.length < times) {
    const played = await parties.play(runs.length, 20_000);
    if (played.outcome !== 'played') assert.fail(played.reason);
    runs.push(played);
  }
  return runs;
}

async function requireRight({ result }: Played): Promise<void> {
  assert.equal(faultOf(result, await expectedIntersection(DATA), { kind: 'intersection' }), undefined);
}

/** What the sender did in phase `online`. */
function senderOf({ phases }: Played) {
  const sender = phases.find(({ phase }) => phase === 'online')?.parties.get('sender');
  assert.ok(sender);
  return sender;
}

/** Each kind of end that a trick may come to, held against the runs that it makes. */
const ends = {
  async fails(trick: Trick, outcome: 'wrong' | 'broken' | 'timeout', says: RegExp) {
    const parties = await partiesWith(trick);
    const played = await parties.play(0, outcome === 'timeout' ? 700 : 20_000);
    if (played.outcome === 'played') {
      const fault = faultOf(played.result, await expectedIntersection(DATA), { kind: 'intersection' });
      assert.equal(outcome, 'wrong');
      assert.match(fault ?? '', says);
      return parties.dismiss();
    }
    assert.equal(played.outcome, outcome, played.reason);
    assert.match(played.reason, says);
  },

  async charged(trick: Trick, where: 'start' | 'prepare' | 'close' | 'cpu') {
    const parties = await partiesWith(trick);
    const [, run] = await play(parties, 2);
    assert.ok(run);
    await requireRight(run);
    const wall = run.phases.find(({ phase }) => phase === where)?.wallMs ?? Number.NaN;
    const figure = where === 'close' ? run.closeMs : where === 'cpu' ? senderOf(run).cpuUserMs : wall;
    // Of a worker the first moments, in which it starts, may be missed.
    assert.ok(figure >= HIDDEN_MS * (where === 'prepare' ? 0.8 : 1), `${where}: ${figure}`);
    await parties.dismiss();
  },

  async counted(trick: Trick, what: 'children' | 'bytes') {
    const parties = await partiesWith(trick);
    const runs = await play(parties, what === 'bytes' ? 3 : 1);
    for (const run of runs) await requireRight(run);
    const group = parties.pids.get('sender') ?? 0;
    if (what === 'children') {
      assert.deepEqual(
        runs.map(senderOf).map(({ children }) => children),
        [1],
      );
      assert.equal(groupMembers(group).length, 2);
    } else {
      const bytes = runs.map(senderOf).map(({ traffic }) => traffic.receiver?.sentBytes);
      assert.deepEqual(bytes, Array(3).fill(SIZE * 8 + 8), 'no run sees items of another');
    }
    await parties.dismiss();
    await waitFor(() => groupMembers(group).length === 0);
  },

  async overNetwork(trick: Trick, says: RegExp) {
    const parties = await partiesWith(trick, LINK);
    const runs = await play(parties, 3);
    for (const run of runs) await requireRight(run);
    const flights = runs.map((run) => senderOf(run).flights);
    assert.ok(Math.max(...flights) < 2 * ROUNDS, 'they are not told');
    const waits = runs.map(({ phases }) => unexplainedMs(phases, LINK));
    assert.match(hiddenFlights(waits, LINK) ?? '', says);
    await parties.dismiss();
  },
};

for (const trick of tricks) {
  const { measured, implementation } = trick;
  const [verdict] = Object.entries(measured).map(([kind, what]) => `${kind}: ${what}`);
  const needsProc = 'charged' in measured || 'counted' in measured;
  test(`${implementation.id} comes to nothing: ${verdict}`, { skip: needsProc && !isLinux }, () => {
    if ('outcome' in measured) return ends.fails(trick, measured.outcome, measured.says);
    if ('charged' in measured) return ends.charged(trick, measured.charged);
    if ('counted' in measured) return ends.counted(trick, measured.counted);
    return ends.overNetwork(trick, measured.overNetwork);
  });
}

test('a party in an endless loop ends when the harness is killed', { skip: !isLinux }, async () => {
  const dir = await emptyFolder();
  const words = ['run', '--impl', only(dir, 'wrong-never-yields'), '--size', '8'];
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
