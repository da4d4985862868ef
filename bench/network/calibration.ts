/**
 * Measures what a shaped link really is, over a relay of the kind that the parties get and with the
 * channel that they use: round-trip time with small messages, bandwidth with bulk in both directions
 * at once. Both ends are in this process, so that one clock reads everything.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SocketChannel } from '../party/channel.ts';
import { FlightClock } from '../party/flights.ts';
import { FRAME_BYTES } from '../party/frame.ts';
import type { NetworkFacts } from '../record/environment.ts';
import { median } from '../statistics/stats.ts';
import { BARE_LOOPBACK, type Link, type Network, serialisationMs } from './index.ts';
import { RelayProcess } from './relay-process.ts';

const LOOPBACK = '127.0.0.1';
/** Measured for about so long at most, whatever the link; what must be measured once may go beyond it. */
const LIMIT_MS = 8000;
/** Of that, the round trips may take this share. */
const PINGS_SHARE = 0.4;
const PINGS = 9;
/** The first ones meet cold code. */
const COLD_PINGS = 3;
/** Bulk is timed for about this long in all, within these bounds. */
const BULK_MS = 400;
const BULK_ROUNDS = 3;
const MAX_BULK = 64 << 20;
const BLOCK = 64 << 10;
/** Smaller blocks would be all frame; a transfer has at least {@link LEAST_BLOCKS}, whatever it takes. */
const LEAST_BLOCK = 8;
const LEAST_BLOCKS = 8;

/** What is measured over: two ends, and the clock by which messages are timed, in ms. */
export interface Wire {
  readonly near: Pick<SocketChannel, 'send' | 'receive'>;
  readonly far: Pick<SocketChannel, 'send' | 'receive'>;
  now(): number;
}

/** Two ends of a link through a relay of its own. */
export interface Ends extends Wire {
  readonly near: SocketChannel;
  readonly far: SocketChannel;
  /** CPU time of the relay in ms since the last call. */
  relayCpuMs(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a link as parties get it. @throws Error when the relay cannot be started. */
export async function openLink(link: Link): Promise<Ends> {
  const server = createServer({ pauseOnConnect: true }).listen(0, LOOPBACK);
  await once(server, 'listening');
  const { promise: dead, reject } = Promise.withResolvers<never>();
  dead.catch(() => {});
  const relay = new RelayProcess((reason) => reject(new Error(reason)));
  const connect = async () => {
    const [port = 0] = await relay.open(link, [(server.address() as AddressInfo).port]);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const near = await SocketChannel.connect(port, LOOPBACK, 'receiver', 'sender', new FlightClock());
    const far = SocketChannel.accept((await accepted)[0], 'sender', new FlightClock());
    return { near, far };
  };
  try {
    const { near, far } = await Promise.race([connect(), dead]);
    await relay.read();
    return {
      near,
      far,
      now: () => performance.now(),
      relayCpuMs: async () => (await Promise.race([relay.read(), dead])).cpuMs,
      close: async () => {
        near.close();
        far.close();
        await relay.kill();
      },
    };
  } catch (error) {
    await relay.kill();
    throw error;
  } finally {
    server.close();
  }
}

/**
 * Measures up to `most` times after `cold` times that do not count, but once at least, and not again when
 * `untilMs` has passed: on a link where that happens, cold code is nothing beside the waiting.
 */
async function repeated(
  measure: () => Promise<number>,
  { cold, most, untilMs, now }: { cold: number; most: number; untilMs: number; now: () => number },
): Promise<number[]> {
  const found: number[] = [];
  while (found.length < cold + most && (found.length === 0 || now() < untilMs)) found.push(await measure());
  return found.slice(Math.min(cold, found.length - 1));
}

/**
 * Median round-trip time in ms over `link`: of empty messages, less the time that their own frames take at
 * the link's bandwidth.
 */
export async function measureRtt(
  { near, far, now }: Wire,
  link: Link,
  limitMs = LIMIT_MS * PINGS_SHARE,
): Promise<number> {
  const message = new Uint8Array(0);
  const once = async () => {
    const from = now();
    await Promise.all([near.send(message), far.receive()]);
    await Promise.all([far.send(message), near.receive()]);
    return now() - from;
  };
  const times = await repeated(once, { cold: COLD_PINGS, most: PINGS, untilMs: now() + limitMs, now });
  return median(times) - 2 * serialisationMs(FRAME_BYTES, link);
}

/**
 * Sends `bytes` in each of `directions` at once and returns the bandwidth of each in bits per second:
 * by how much longer that takes than a single block, so that what every transfer has to wait for (the
 * delay, being passed on) is no part of it.
 */
export async function measureBandwidth(
  wire: Wire,
  bytes: number,
  directions: readonly Direction[],
  untilMs = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const block = new Uint8Array(Math.min(BLOCK, Math.max(LEAST_BLOCK, Math.ceil(bytes / LEAST_BLOCKS))));
  const count = Math.max(LEAST_BLOCKS, Math.ceil(bytes / block.length));
  const all = (blocks: number) =>
    Promise.all(directions.map((direction) => transferMs(wire, direction, block, blocks)));
  const singles = [await all(1)];
  while (singles.length < 3 && wire.now() < untilMs) singles.push(await all(1));
  const whole = await all(count);
  const bits = (count - 1) * (block.length + FRAME_BYTES) * 8;
  return whole.map((ms, i) => {
    const single = median(singles.flatMap((times) => times.slice(i, i + 1)));
    return (bits * 1000) / Math.max(ms - single, 1e-3);
  });
}

type Direction = 'forward' | 'backward';

/** From the first byte sent to the last one received. */
async function transferMs(
  { near, far, now }: Wire,
  direction: Direction,
  block: Uint8Array,
  count: number,
): Promise<number> {
  const [sender, receiver] = direction === 'forward' ? [near, far] : [far, near];
  const from = now();
  const sending = (async () => {
    for (let i = 0; i < count; i++) await sender.send(block);
  })();
  for (let i = 0; i < count; i++) await receiver.receive();
  const ms = now() - from;
  await sending;
  return ms;
}

/** What a link that was asked for really is: the slower direction's bandwidth, and the round-trip time. */
export async function measureLink(
  wire: Wire,
  link: Link,
): Promise<{ readonly measuredBandwidthBps: number; readonly measuredRttMs: number }> {
  const untilMs = wire.now() + LIMIT_MS;
  const measuredRttMs = await measureRtt(wire, link);
  const bytes = Math.min(MAX_BULK, (link.bandwidthBps / 8000) * BULK_MS) / BULK_ROUNDS;
  const once = async () =>
    Math.min(...(await measureBandwidth(wire, bytes, ['forward', 'backward'], untilMs)));
  const rates = await repeated(once, { cold: 1, most: BULK_ROUNDS, untilMs, now: wire.now });
  return { measuredBandwidthBps: median(rates), measuredRttMs };
}

/** Measures one network: asked and got, for the record. */
export async function calibrate({ link }: Network): Promise<NetworkFacts> {
  if (link === null) return BARE_LOOPBACK;
  const ends = await openLink(link);
  try {
    return { ...link, ...(await measureLink(ends, link)) };
  } finally {
    await ends.close();
  }
}
