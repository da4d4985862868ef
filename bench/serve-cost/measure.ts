/** Measures a server in all ways, interleaved: in every round each way has its turn, in shuffled order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamOpener } from '../../impls/enclave/attested/open-stream.ts';
import { buildImage, measureImage } from '../../impls/enclave/runtime/image.ts';
import { type ServerImage, serverImage } from '../../impls/enclave/serve/server-image.ts';
import { messageOf } from '../errors.ts';
import { median, mulberry32 } from '../statistics/stats.ts';
import { CLIENTS_AT_ONCE, PLAYERS, STEPS, type Way } from './metrics.ts';
import { loadPlayers } from './players.ts';
import type { ProcessUse, Sample } from './record.ts';
import { atOnce, fetchWhole, firstByte, roundTrip, sendWhole } from './tcp-client.ts';
import { type RunningWay, startWay } from './ways.ts';

const OPENINGS = 10;
const ROUND_TRIPS = 200;
const BULK_BYTES = 2 ** 27;
/** In software a virtual machine takes many times as long for the same. */
const VM_SHARE = 16;

export interface MeasureOptions {
  readonly guests: readonly string[];
  readonly ways: readonly Way[];
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Called whenever a server is through, with all that was measured so far. */
  readonly onServer: (measured: Measured) => void;
}

export interface Measured {
  readonly samples: Sample[];
  readonly usage: ProcessUse[];
  readonly isolation: Partial<Record<Way, string>>;
  readonly skipped: Record<string, string>;
  /** Servers that did not get to the end, and why; the rounds before are in the samples. */
  readonly failed: Record<string, string>;
}

/** Figures of one way in one round, by metric. */
type Turn = (way: RunningWay) => Promise<Record<string, number>>;

/** One server after the other; what one of them does wrong is in the result, and does not stop the others. */
export async function measureServers(options: MeasureOptions): Promise<Measured> {
  const measured: Measured = { samples: [], usage: [], isolation: {}, skipped: {}, failed: {} };
  for (const guest of options.guests) {
    try {
      const image = serverImage(guest);
      const turn = turnOf(image);
      if (typeof turn !== 'string') {
        await measureServer(image, turn, options, measured);
      } else {
        measured.skipped[guest] = turn;
        options.say(`${guest} is skipped: ${turn}`);
      }
    } catch (error) {
      measured.failed[guest] = messageOf(error);
      options.say(`${guest} failed: ${messageOf(error)}`);
    }
    options.onServer(measured);
    if (options.signal.aborted) break;
  }
  return measured;
}

async function measureServer(
  image: ServerImage,
  turn: Turn,
  { ways, rounds, seed, say, signal }: MeasureOptions,
  { samples, usage, isolation }: Measured,
): Promise<void> {
  const running: RunningWay[] = [];
  try {
    for (const way of ways) running.push(await startWay(way, image));
    for (const { way, isolation: description } of running) {
      if (description !== undefined) isolation[way] = description;
    }
    // A round that counts for nothing: code is compiled, and worlds are made, the first time.
    for (const way of running) await take(turn, way);
    for (const way of running) way.usage();
    const random = mulberry32(seed);
    for (let round = 1; round <= rounds; round++) {
      const ofRound: Sample[] = [];
      for (const way of shuffled(running, random)) {
        if (signal.aborted) throw new Error(`interrupted in round ${round}`);
        const figures = await take(turn, way);
        for (const [metric, value] of Object.entries(figures)) {
          ofRound.push({ guest: image.name, metric, way: way.way, round, value });
        }
      }
      // Whole rounds only: every way has had as many turns.
      samples.push(...ofRound);
      say(`${image.name}: round ${round} of ${rounds}`);
    }
  } finally {
    for (const way of running) {
      usage.push(...way.usage().map((used) => ({ guest: image.name, way: way.way, ...used })));
    }
    for (const way of running) way.close();
  }
}

/** @throws Error that says which way failed, and what its processes said last */
async function take(turn: Turn, way: RunningWay): Promise<Record<string, number>> {
  try {
    return await turn(way);
  } catch (cause) {
    // What they have to say about it may still be on its way.
    await sleep(300);
    throw new Error(`${way.way}: ${(cause as Error).message} (${way.lastWords()})`, { cause });
  }
}

function turnOf(image: ServerImage): Turn | string {
  switch (image.name) {
    case 'echo':
      return echoTurn(image);
    case 'http':
      return httpTurn;
    case 'minecraft':
      return minecraftTurn(image);
    default:
      return `how to measure ${image.name} is not known`;
  }
}

function echoTurn(image: ServerImage): Turn {
  const { pcrs } = measureImage(buildImage(image.source));
  return async ({ way, port, host }) => {
    const openings: number[] = [];
    for (let i = 0; i < OPENINGS; i++) openings.push(await firstByte(port));
    const figures: Record<string, number> = {
      new: median(openings),
      'round-trip': await roundTrip(port, ROUND_TRIPS),
    };
    for (const count of CLIENTS_AT_ONCE) figures[`at-once-${count}`] = await atOnce(port, count);
    if (way !== 'enclave' || !host) return figures;
    // The steps, seen by a client that is its own proxy.
    const opener = new StreamOpener({
      host: '127.0.0.1',
      port: host.port,
      service: 'tcp/7',
      expectation: () => ({ pcrs, roots: [host.root] }),
    });
    const times = [];
    for (let i = 0; i < OPENINGS; i++) {
      const opened = await opener.open();
      opened.stream.on('error', () => {});
      opened.stream.destroy();
      times.push(opened.times);
    }
    for (const step of STEPS) figures[`step-${step}`] = median(times.map((one) => one[step]));
    return figures;
  };
}

const httpTurn: Turn = async ({ way, port }) => {
  const pages: number[] = [];
  for (let i = 0; i < OPENINGS; i++) pages.push((await fetchWhole(port, '/')).ms);
  const length = way === 'vm' ? BULK_BYTES / VM_SHARE : BULK_BYTES;
  const { ms, bytes } = await fetchWhole(port, `/bytes/${length}`);
  if (bytes < length) throw new Error(`${bytes} of ${length} bytes came`);
  const upMs = await sendWhole(port, '/count', length);
  const rate = (time: number) => length / 2 ** 20 / (time / 1000);
  return { request: median(pages), bulk: rate(ms), upload: rate(upMs) };
};

function minecraftTurn(image: ServerImage): Turn | string {
  const players = loadPlayers(image.folder);
  if (typeof players === 'string') return players;
  return async ({ port }) => {
    const status = await players.status(port);
    const { spawn, chunks, chats } = await players.play(port, PLAYERS);
    const ofChat = Object.fromEntries(chats.map((ms, i) => [`chat-${PLAYERS[i]}`, ms]));
    return { status, spawn, chunks, ...ofChat };
  };
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1));
  return order;
}
