/**
 * `npm run benchmark harness`: what the harness itself costs. Three figures, sampled in turns within one
 * run, each with a 95 % interval of its median:
 *
 * - wall time of a protocol that does nothing, from the barrier to the result (target: under 2 ms);
 * - throughput of the channel as a share of a bare socket's (1 MiB writes, `onread`), between two
 *   processes (target: at least 80 %);
 * - memory of a party per item at 2^20 items, beyond the packed items (target: under 64 bytes).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SocketChannel } from '../bench/party/channel.ts';
import { FlightClock } from '../bench/party/flights.ts';
import { PARTY_ENVIRONMENT, Parties } from '../bench/run/parties.ts';
import { median, medianInterval } from '../bench/statistics/stats.ts';
import { type DatasetSpec, loadItems } from '../datasets/dataset.ts';

const FAULTY = fileURLToPath(new URL('../bench/testing/faulty.ts', import.meta.url));
const MIB = 1 << 20;
const TRANSFER_MIB = 512;
const ROUNDS = 15;

async function idleParties(size: number): Promise<Parties> {
  const dataset: DatasetSpec = {
    kind: 'random',
    receiverSize: size,
    senderSize: size,
    overlap: 0,
    seed: 'harness',
  };
  const parties = await Parties.start(
    {
      roles: ['receiver', 'sender'],
      implementation: { module: FAULTY, id: 'idle' },
      dataset,
      sizes: { receiver: size, sender: size },
      options: {},
      output: { kind: 'intersection' },
      threads: 1,
      protocolSeed: null,
    },
    60_000,
  );
  if (!(parties instanceof Parties)) throw new Error(parties.reason);
  return parties;
}

/** Wall time of one idle run in ms, and the receiver's peak memory. */
async function idleRun(
  parties: Parties,
  sample: number,
): Promise<{ wallMs: number; peakBytes: number | null }> {
  const play = await parties.play(sample, 10_000);
  if (play.outcome !== 'played') throw new Error(play.reason);
  const [online] = play.phases;
  if (!online) throw new Error('an idle run has a phase');
  return { wallMs: online.wallMs, peakBytes: online.parties.get('receiver')!.peakBytes };
}

/** The other process of a transfer: takes everything, then says so with one byte. */
async function sink(kind: string, port: number): Promise<void> {
  if (kind === 'channel') {
    const channel = await SocketChannel.connect(port, '127.0.0.1', 'receiver', 'sender', new FlightClock());
    for (;;) {
      for (let i = 0; i < TRANSFER_MIB; i++) await channel.receive(MIB);
      await channel.send(new Uint8Array(1));
    }
  }
  let taken = 0;
  const socket = new Socket({
    onread: {
      buffer: Buffer.allocUnsafeSlow(MIB),
      callback(length: number) {
        taken += length;
        if (taken === TRANSFER_MIB * MIB) {
          taken = 0;
          socket.write(new Uint8Array(1));
        }
        return true;
      },
    },
  } as ConstructorParameters<typeof Socket>[0]);
  socket.connect(port, '127.0.0.1');
}

interface Link {
  /** Transfers {@link TRANSFER_MIB} and returns the time in ms. */
  transfer(): Promise<number>;
  close(): void;
}

async function link(kind: 'bare' | 'channel'): Promise<Link> {
  const server: Server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const { port } = server.address() as AddressInfo;
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), ['sink', kind, String(port)], {
    env: { ...process.env, ...PARTY_ENVIRONMENT },
  });
  const [socket] = await accepted;
  const block = Buffer.alloc(MIB, 1);
  let send: (block: Buffer) => Promise<unknown>;
  let confirmed: () => Promise<unknown>;
  if (kind === 'channel') {
    const channel = SocketChannel.accept(socket, 'sender', new FlightClock());
    send = (message) => channel.send(message);
    confirmed = () => channel.receive(1);
  } else {
    socket.resume();
    send = (message) => new Promise((resolve) => socket.write(message, resolve));
    confirmed = () => once(socket, 'data');
  }
  return {
    async transfer() {
      const from = performance.now();
      const done = confirmed();
      for (let i = 0; i < TRANSFER_MIB; i++) await send(block);
      await done;
      return performance.now() - from;
    },
    close() {
      child.kill();
      server.close();
    },
  };
}

function show(title: string, unit: string, values: readonly number[], target: string): void {
  const { low, high } = medianInterval(values);
  console.log(
    `${title.padEnd(58)} ${median(values).toFixed(2)} ${unit} [${low.toFixed(2)}, ${high.toFixed(2)}], n = ${values.length} (target ${target})`,
  );
}

async function main(): Promise<void> {
  const links = { bare: await link('bare'), channel: await link('channel') };
  const small = await idleParties(1);
  const large = await idleParties(2 ** 20);
  await idleRun(small, 0);
  await links.bare.transfer();
  await links.channel.transfer();
  const wall: number[] = [];
  const share: number[] = [];
  const memory: number[] = [];
  const spec: DatasetSpec = {
    kind: 'random',
    receiverSize: 2 ** 20,
    senderSize: 0,
    overlap: 0,
    seed: 'harness',
  };
  const items = await loadItems(spec, 'receiver');
  const itemBytes = items.data.byteLength + items.offsets.byteLength;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 5; i++) wall.push((await idleRun(small, 1 + round * 5 + i)).wallMs);
    const bareFirst = round % 2 === 0;
    const first = await links[bareFirst ? 'bare' : 'channel'].transfer();
    const second = await links[bareFirst ? 'channel' : 'bare'].transfer();
    share.push(bareFirst ? (100 * first) / second : (100 * second) / first);
    const [of1, of2to20] = [await idleRun(small, 1000 + round), await idleRun(large, round)];
    if (of1.peakBytes !== null && of2to20.peakBytes !== null) {
      memory.push((of2to20.peakBytes - of1.peakBytes - itemBytes) / 2 ** 20);
    }
  }
  show('a protocol that does nothing, barrier to result', 'ms', wall, '< 2');
  show("the channel's throughput, share of a bare socket's", '%', share, '≥ 80');
  if (memory.length > 0) show('memory of a party beyond its 2^20 items', 'bytes per item', memory, '< 64');
  else console.log('memory of a party: this system does not tell the peak of a period');
  links.bare.close();
  links.channel.close();
  await Promise.all([small.dismiss(), large.dismiss()]);
}

const [, , mode, kind = '', size] = process.argv;
if (mode === 'sink') await sink(kind, Number(size));
else await main();
