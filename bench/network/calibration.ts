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
import { BARE_LOOPBACK, type Link, type Network } from './index.ts';
import { RelayProcess } from './relay-process.ts';

const LOOPBACK = '127.0.0.1';
const PINGS = 9;
const PING_BYTES = 8;
/** Bulk is timed for about this long, within these bounds. */
const BULK_MS = 400;
const BULK_ROUNDS = 3;
const MIN_BULK = 64 << 10;
const MAX_BULK = 64 << 20;
const BLOCK = 64 << 10;

/** Two ends of a link. */
export interface Ends {
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

/** Median round-trip time in ms of small messages. */
export async function measureRtt({ near, far }: Ends, pings = PINGS): Promise<number> {
  const message = new Uint8Array(PING_BYTES);
  const times: number[] = [];
  // The first ones meet cold code.
  for (let i = -3; i < pings; i++) {
    const from = performance.now();
    await Promise.all([near.send(message), far.receive()]);
    await Promise.all([far.send(message), near.receive()]);
    if (i >= 0) times.push(performance.now() - from);
  }
  return median(times);
}

/**
 * Sends `bytes` in each of `directions` at once and returns the bandwidth of each in bits per second:
 * by how much longer that takes than a single block, so that what every transfer has to wait for (the
 * delay, being passed on) is no part of it.
 */
export async function measureBandwidth(
  ends: Ends,
  bytes: number,
  directions: readonly Direction[],
): Promise<number[]> {
  const block = new Uint8Array(Math.min(BLOCK, Math.ceil(bytes / 8)));
  const count = Math.max(2, Math.ceil(bytes / block.length));
  const all = (blocks: number) =>
    Promise.all(directions.map((direction) => transferMs(ends, direction, block, blocks)));
  const singles = [await all(1), await all(1), await all(1)];
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
  { near, far }: Ends,
  direction: Direction,
  block: Uint8Array,
  count: number,
): Promise<number> {
  const [sender, receiver] = direction === 'forward' ? [near, far] : [far, near];
  const from = performance.now();
  const sending = (async () => {
    for (let i = 0; i < count; i++) await sender.send(block);
  })();
  for (let i = 0; i < count; i++) await receiver.receive();
  const ms = performance.now() - from;
  await sending;
  return ms;
}

/** Measures one network: asked and got, for the record. The slower direction counts. */
export async function calibrate({ link }: Network): Promise<NetworkFacts> {
  if (link === null) return BARE_LOOPBACK;
  const ends = await openLink(link);
  try {
    const measuredRttMs = await measureRtt(ends);
    const bytes = Math.min(MAX_BULK, Math.max(MIN_BULK, (link.bandwidthBps / 8000) * BULK_MS));
    const rates: number[] = [];
    // A part each, the first one to warm the relay.
    for (let i = 0; i <= BULK_ROUNDS; i++) {
      const both = await measureBandwidth(ends, bytes / BULK_ROUNDS, ['forward', 'backward']);
      if (i > 0) rates.push(Math.min(...both));
    }
    return { ...link, measuredBandwidthBps: median(rates), measuredRttMs };
  } finally {
    await ends.close();
  }
}
