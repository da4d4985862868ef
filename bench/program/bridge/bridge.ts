/**
 * Carries the TCP connections between two programs through the channel between their parties, so that bytes,
 * networks and the harness's checks apply to them. One party's program connects to a listener of its party's;
 * the other party connects to its own program, and from there on bytes go through.
 *
 * Flights: what a program sends goes in one flight until something that the other program sent has come in; what
 * is sent after that is in the next. So flights are changes of direction, as one that waits for an answer has
 * them. Ends and credits open none.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, Flight } from '../../contract.ts';
import { ProtocolError } from '../../errors.ts';
import { type BridgeMessage, decode, encode, HEADER_BYTES, Kind, MAX_PAYLOAD } from './frame.ts';
import { Link } from './link.ts';

export const LOOPBACK = '127.0.0.1';
const MAX_CONNECTIONS = 256;
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 20;

export interface BridgeSettings {
  readonly channel: Channel;
  /** The other party's role, for messages. */
  readonly peer: string;
  /** Numbers of connections that this side opens: 0 even, 1 odd. */
  readonly parity: 0 | 1;
  /** Where this side's program listens; null where it does not. */
  readonly target: number | null;
  /** For so long its program may take to listen once the other one has connected. */
  readonly patienceMs: number;
}

export class Bridge {
  readonly #settings: BridgeSettings;
  readonly #links = new Map<number, Link>();
  readonly #control: Flight;
  #flight: Flight | undefined;
  #server: Server | undefined;
  #next: number;
  #first: PromiseWithResolvers<void> | undefined;
  #connections = 0;
  #closed = false;
  #saidDone = false;
  #failed = Promise.withResolvers<never>();
  #peerDone = Promise.withResolvers<number>();
  #peerStatus: number | undefined;
  #moved = Promise.withResolvers<void>();

  constructor(settings: BridgeSettings) {
    this.#settings = settings;
    this.#control = settings.channel.openFlight();
    this.#next = settings.parity;
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when the carrying cannot go on. */
  get failure(): Promise<never> {
    return this.#failed.promise;
  }

  /** How many connections there were. */
  get connections(): number {
    return this.#connections;
  }

  /** The `Status` of the other program, once it has ended; see {@link peerStatus}. */
  get peerDone(): Promise<number> {
    return this.#peerDone.promise;
  }

  get peerStatus(): number | undefined {
    return this.#peerStatus;
  }

  /** Whether the other side has ended or broken off a connection. */
  peerHasEnded = false;

  /** Listens for this side's program. @returns the port */
  async listen(): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      // Nobody is there to connect to any more.
      if (this.#saidDone || this.#closed || this.#connections >= MAX_CONNECTIONS)
        return void socket.resetAndDestroy();
      const id = this.#next;
      this.#next += 2;
      const link = this.#open(id);
      this.#send(encode(Kind.open, id), 'data');
      link.attach(socket);
    });
    this.#server = server;
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Takes in what the other party sends, until it says that nothing more comes. */
  async run(): Promise<void> {
    const { channel, peer } = this.#settings;
    try {
      for (;;) {
        const message = decode(await channel.receive(HEADER_BYTES + MAX_PAYLOAD), peer);
        if (message.kind === Kind.done) {
          this.#peerStatus = message.status;
          for (const link of this.#links.values()) link.wither();
          this.#peerDone.resolve(message.status);
          return;
        }
        this.#take(message);
      }
    } catch (error) {
      this.#failed.reject(error);
    }
  }

  #take({ kind, connection, amount, payload }: BridgeMessage): void {
    const { peer, parity, target } = this.#settings;
    if (kind === Kind.open) {
      if (target === null || connection % 2 === parity || this.#links.has(connection))
        throw new ProtocolError(`the ${peer} opened connection ${connection}, which is not its to open`);
      if (this.#connections >= MAX_CONNECTIONS)
        throw new ProtocolError(`the ${peer} opened more than ${MAX_CONNECTIONS} connections`);
      this.#flight = undefined;
      const link = this.#open(connection);
      this.#connect(link, target).catch((error) => this.#failed.reject(error));
      return;
    }
    const link = this.#links.get(connection);
    if (link === undefined)
      throw new ProtocolError(`the ${peer} spoke of connection ${connection}, which was never opened`);
    // Whatever this side's program sends next may have waited for this.
    if (kind !== Kind.credit) this.#flight = undefined;
    if (kind === Kind.end || kind === Kind.reset) this.peerHasEnded = true;
    if (kind === Kind.data) link.received(payload);
    else if (kind === Kind.end) link.receivedEnd();
    else if (kind === Kind.reset) link.receivedReset();
    else link.receivedCredit(amount);
  }

  #open(id: number): Link {
    this.#connections++;
    const say = (kind: Kind, flight: 'data' | 'control', more: Parameters<typeof encode>[2] = {}) => {
      this.#send(encode(kind, id, more), flight);
    };
    const link = new Link(this.#settings.peer, {
      data: (payload) => say(Kind.data, 'data', { payload }),
      end: () => say(Kind.end, 'control'),
      reset: () => say(Kind.reset, 'control'),
      credit: (amount) => say(Kind.credit, 'control', { amount }),
      moved: () => {
        this.#moved.resolve();
        this.#moved = Promise.withResolvers();
      },
    });
    this.#links.set(id, link);
    return link;
  }

  /** Connects to this side's program; the first connection waits for it to listen, the others for the first. */
  async #connect(link: Link, port: number): Promise<void> {
    const first = this.#first;
    if (first !== undefined) await first.promise;
    this.#first ??= Promise.withResolvers();
    const { patienceMs } = this.#settings;
    const until = performance.now() + patienceMs;
    for (
      let waitMs = FIRST_RETRY_MS;
      !this.#closed && !link.isOver;
      waitMs = Math.min(LAST_RETRY_MS, 2 * waitMs)
    ) {
      const socket = await connected(port);
      if (socket !== null) {
        link.attach(socket);
        break;
      }
      if (performance.now() > until)
        throw new Error(`nobody listened at ${LOOPBACK}:${port} within ${patienceMs / 1000} s`);
      await sleep(waitMs);
    }
    this.#first.resolve();
  }

  #send(message: Uint8Array, flight: 'data' | 'control'): void {
    if (this.#saidDone || this.#closed) return;
    if (flight === 'data') this.#flight ??= this.#settings.channel.openFlight();
    const through = this.#flight ?? this.#control;
    through.send(message).catch((error) => this.#failed.reject(error));
  }

  /** Resolves when the program of this side, which has ended, will be heard of no more; or after `mostMs`. */
  async silent(mostMs: number): Promise<void> {
    for (const link of this.#links.values()) link.abandon();
    const late = new AbortController();
    const timer = sleep(mostMs, 'late', { signal: late.signal }).catch(() => 'late');
    while ([...this.#links.values()].some((link) => !link.isSilent)) {
      if ((await Promise.race([this.#moved.promise, timer])) === 'late') break;
    }
    late.abort();
  }

  /** Says that nothing more comes: the last message. It is no message of the programs', and opens no flight. */
  async done(status: number): Promise<void> {
    if (this.#saidDone) return;
    const through = this.#flight ?? this.#control;
    this.#saidDone = true;
    await through.send(encode(Kind.done, 0, { status }));
  }

  /** Ends all connections of this side. */
  close(): void {
    this.#closed = true;
    this.#server?.close();
    for (const link of this.#links.values()) link.destroy();
  }
}

/** A connection to `port` of this host; null when nobody listens there. */
function connected(port: number): Promise<Socket | null> {
  const socket = new Socket({ allowHalfOpen: true });
  return new Promise((resolve) => {
    socket.once('error', () => resolve(null));
    socket.once('connect', () => resolve(socket));
    socket.connect(port, LOOPBACK);
  });
}
