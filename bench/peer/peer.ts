/** The other host, seen from the one that measures: the sender's, where `bench party` listens. */
import type { TLSSocket } from 'node:tls';
import type { Role } from '../contract.ts';
import { messageOf, UsageError } from '../errors.ts';
import type { NetworkFacts } from '../record/environment.ts';
import { median } from '../statistics/stats.ts';
import { discard } from './bulk.ts';
import { readLine, sendLine } from './lines.ts';
import { codeDifference, type HostSelf, type Opening, PEER_PROTOCOL } from './messages.ts';
import { type Address, connectSecurely } from './secure.ts';
import { connectLocally, join, listenOnce } from './tunnel.ts';

/** A sign of life is sent this often, … */
export const ALIVE_MS = 2000;
/** … and a host that gave none for so long is gone. */
export const GONE_MS = 15_000;
const PINGS = 15;
/** Bulk grows until it takes this long, or reaches its bound. */
const BULK_MS = 300;
const MIN_BULK = 256 << 10;
const MAX_BULK = 64 << 20;

/** An opening without what {@link Peer.open} adds. */
type Purpose<T> = T extends { readonly session: string } ? Omit<T, 'session'> : never;

export class Peer {
  /** What the other host says of itself. */
  readonly self: HostSelf;
  /** The role that it plays. */
  readonly role: Role = 'sender';
  /** Round-trip time as calibrated; 0 before. */
  rttMs = 0;
  readonly #address: Address;
  readonly #key: Buffer;
  readonly #main: TLSSocket;
  readonly #session: string;
  #closing = false;

  private constructor(address: Address, key: Buffer, main: TLSSocket, session: string, self: HostSelf) {
    this.#address = address;
    this.#key = key;
    this.#main = main;
    this.#session = session;
    this.self = self;
    keepAlive(main);
  }

  /** Connects and compares the code. @throws UsageError in one line when the hosts do not fit together. */
  static async connect(address: Address, key: Buffer, self: HostSelf): Promise<Peer> {
    const main = await connectSecurely(address, key);
    const timer = setTimeout(() => main.destroy(), GONE_MS);
    try {
      sendLine(main, { type: 'hello', protocol: PEER_PROTOCOL, self } satisfies Opening);
      const answer = await readLine(main);
      if (answer.type === 'refused') throw new Error(`it refused: ${String(answer.reason).slice(0, 500)}`);
      const theirs = answer.self as HostSelf | undefined;
      if (answer.type !== 'welcome' || typeof answer.session !== 'string' || !theirs?.host?.fingerprint) {
        throw new Error('it did not answer as this version does');
      }
      const difference = codeDifference(self.code, theirs.code);
      if (difference !== null) throw new Error(`it runs other code (${difference})`);
      return new Peer(address, key, main, answer.session, theirs);
    } catch (error) {
      main.destroy();
      throw new UsageError(`the peer at ${address.host}:${address.port}: ${messageOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls back once when the other host goes away before {@link close}. */
  onGone(gone: () => void): void {
    this.#main.once('close', () => {
      if (!this.#closing) gone();
    });
    if (this.#main.destroyed && !this.#closing) gone();
  }

  /** A connection of its own for one purpose. */
  async open(purpose: Purpose<Opening>): Promise<TLSSocket> {
    const socket = await connectSecurely(this.#address, this.#key);
    sendLine(socket, { ...purpose, session: this.#session });
    return socket;
  }

  /** Measures the network between the hosts: round trips of small lines, bulk each way, one after the other. */
  async calibrate(): Promise<NetworkFacts> {
    const socket = await this.open({ type: 'calibrate' });
    const rtts: number[] = [];
    for (let i = -3; i < PINGS; i++) {
      const from = performance.now();
      sendLine(socket, { type: 'ping' });
      await readLine(socket);
      if (i >= 0) rtts.push(performance.now() - from);
    }
    this.rttMs = median(rtts);
    const down = await this.#rate(async (bytes) => {
      sendLine(socket, { type: 'bulk', bytes });
      await discard(socket, bytes);
    });
    const up = await this.#rate(async (bytes) => {
      sendLine(socket, { type: 'sink', bytes });
      socket.write(Buffer.alloc(bytes));
      await readLine(socket);
    });
    socket.destroy();
    return {
      bandwidthBps: null,
      rttMs: 0,
      measuredBandwidthBps: Math.min(down, up),
      measuredRttMs: this.rttMs,
    };
  }

  /** Bits per second of a transfer that takes one round trip besides its bytes. */
  async #rate(transfer: (bytes: number) => Promise<void>): Promise<number> {
    for (let bytes = MIN_BULK; ; bytes *= 4) {
      const from = performance.now();
      await transfer(bytes);
      const ms = performance.now() - from - this.rttMs;
      if (ms >= BULK_MS || bytes >= MAX_BULK) return (bytes * 8000) / Math.max(ms, 0.001);
    }
  }

  /**
   * Connects the parties of both hosts: the ports at which each is to look for the others.
   * @param own the ports on which the parties listen, each on its own host
   */
  async tunnels(
    roles: readonly Role[],
    own: ReadonlyMap<Role, number>,
  ): Promise<ReadonlyMap<Role, Partial<Record<Role, number>>>> {
    const ports = new Map(roles.map((role) => [role, {} as Partial<Record<Role, number>>]));
    for (const [i, connecting] of roles.entries()) {
      for (const accepting of roles.slice(0, i)) {
        const target = own.get(accepting)!;
        const local = connecting !== this.role && accepting !== this.role;
        ports.get(connecting)![accepting] = local
          ? target
          : connecting === this.role
            ? await this.#tunnelHere(target)
            : await this.#tunnelThere(target);
      }
    }
    return ports;
  }

  /** From a port of the other host, which is returned, to `port` of this one. */
  async #tunnelHere(port: number): Promise<number> {
    const far = await this.open({ type: 'tunnel', port: null });
    const answer = await readLine(far);
    const near = await connectLocally(port);
    join(near, far);
    if (!Number.isInteger(answer.port)) throw new UsageError('the peer opened no tunnel');
    return answer.port as number;
  }

  /** From a port of this host, which is returned, to `port` of the other one. */
  async #tunnelThere(port: number): Promise<number> {
    const entrance = await listenOnce();
    void entrance.connection.then(async (near) => {
      try {
        const far = await this.open({ type: 'tunnel', port });
        await readLine(far);
        join(near, far);
      } catch {
        near.destroy(); // the party finds its connection closed, and says so
      }
    });
    return entrance.port;
  }

  /** Ends the session: the other host kills what it started for it. */
  close(): void {
    this.#closing = true;
    this.#main.destroy();
  }
}

/** Sends signs of life on a main connection, and ends it when the other side gives none. */
export function keepAlive(main: TLSSocket): void {
  const timer = setInterval(() => sendLine(main, { type: 'alive' }), ALIVE_MS);
  main.setTimeout(GONE_MS, () => main.destroy());
  main.on('data', () => {});
  main.on('close', () => clearInterval(timer));
}
