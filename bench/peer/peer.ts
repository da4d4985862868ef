/** The other host, seen from the one that measures: the sender's, where `bench party` listens. */
import type { TLSSocket } from 'node:tls';
import type { Role } from '../contract.ts';
import { messageOf, ProtocolError, UsageError } from '../errors.ts';
import type { NetworkFacts } from '../record/environment.ts';
import { median } from '../statistics/stats.ts';
import { CALIBRATION_MS, MAX_BULK, sendBulk } from './calibrated.ts';
import { codeDifference, type HostSelf } from './host/host-self.ts';
import { DIGEST_BYTES } from './host/shared-items.ts';
import { discard } from './wire/bulk.ts';
import { count, printable } from './wire/fields.ts';
import { GONE_MS, keepAlive } from './wire/keep-alive.ts';
import { readLine, sendBytes, sendLine } from './wire/lines.ts';
import { type Opening, PEER_PROTOCOL, parseWelcome, type Welcome } from './wire/messages.ts';
import { type Address, connectSecurely } from './wire/secure.ts';
import { connectLocally, join, listenOnce } from './wire/tunnel.ts';

const PINGS = 15;
/** Bulk grows until it takes this long, or reaches its bound. */
const BULK_MS = 300;
const MIN_BULK = 256 << 10;
/** A party that is told where to connect does so at once. */
const ENTRANCE_MS = 60_000;

/** An opening without what {@link Peer.open} adds. */
type Purpose<T> = T extends { readonly session: string } ? Omit<T, 'session'> : never;

/** How the parties of both hosts come to know the root of an enclave that is emulated on this one. */
export interface EmulatedRoot {
  /** Its fingerprint, which is told to the other host. */
  readonly fingerprint: string;
  /** For the environment of this host's parties: the root itself. */
  readonly environment: Readonly<Record<string, string>>;
}

export class Peer {
  /** What the other host says of itself and of what it allows. */
  readonly welcome: Welcome;
  /** The role that it plays. */
  readonly role: Role = 'sender';
  /** What the parties of this host find in their environment besides. */
  readonly environment: Readonly<Record<string, string>>;
  /** Round-trip time as calibrated; 0 before. */
  rttMs = 0;
  readonly #address: Address;
  readonly #key: Buffer;
  readonly #main: TLSSocket;
  #closing = false;

  private constructor(
    address: Address,
    key: Buffer,
    main: TLSSocket,
    welcome: Welcome,
    root: EmulatedRoot | null,
  ) {
    this.environment = root?.environment ?? {};
    this.#address = address;
    this.#key = key;
    this.#main = main;
    this.welcome = welcome;
    keepAlive(main);
  }

  /** Connects and compares the code. @throws UsageError in one line when the hosts do not fit together. */
  static async connect(
    address: Address,
    key: Buffer,
    self: HostSelf,
    root: EmulatedRoot | null = null,
  ): Promise<Peer> {
    const main = await connectSecurely(address, key);
    const timer = setTimeout(() => main.destroy(), GONE_MS);
    try {
      void sendLine(main, {
        type: 'hello',
        protocol: PEER_PROTOCOL,
        self,
        root: root?.fingerprint ?? null,
      } satisfies Opening);
      const answer = await readLine(main);
      if (answer.type === 'refused') throw new Error(`it refused: ${printable(String(answer.reason))}`);
      const welcome = parseWelcome(answer);
      const difference = codeDifference(self.code, welcome.self.code);
      if (difference !== null) throw new Error(`it runs other code (${difference})`);
      return new Peer(address, key, main, welcome, root);
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
    void sendLine(socket, { ...purpose, session: this.welcome.session });
    return socket;
  }

  /**
   * Measures the network between the hosts: round trips of small lines, bulk each way, one after the other.
   * @throws UsageError when that takes longer than `limitMs`, or the other host does not play along
   */
  async calibrate(limitMs = CALIBRATION_MS): Promise<NetworkFacts> {
    const socket = await this.open({ type: 'calibrate' });
    const timer = setTimeout(() => socket.destroy(), limitMs);
    try {
      return await this.#calibrate(socket);
    } catch (error) {
      throw new UsageError(`the network to the peer could not be measured: ${messageOf(error)}`);
    } finally {
      clearTimeout(timer);
      socket.destroy();
    }
  }

  async #calibrate(socket: TLSSocket): Promise<NetworkFacts> {
    const rtts: number[] = [];
    for (let i = -3; i < PINGS; i++) {
      const from = performance.now();
      void sendLine(socket, { type: 'ping' });
      await readLine(socket);
      if (i >= 0) rtts.push(performance.now() - from);
    }
    this.rttMs = median(rtts);
    const down = await this.#rate(async (bytes) => {
      void sendLine(socket, { type: 'bulk', bytes });
      await discard(socket, bytes);
    });
    const up = await this.#rate(async (bytes) => {
      void sendLine(socket, { type: 'sink', bytes });
      await sendBulk(socket, bytes);
      await readLine(socket);
    });
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
   * Connects the parties of both hosts: the ports at which those of this one are to look for the others.
   * @param own the ports on which the parties listen here, and what the other host calls its own
   */
  async tunnels(
    roles: readonly Role[],
    own: ReadonlyMap<Role, number>,
  ): Promise<ReadonlyMap<Role, Partial<Record<Role, number>>>> {
    const ports = new Map<Role, Partial<Record<Role, number>>>();
    const far = own.get(this.role);
    if (far === undefined) throw new Error(`nobody plays the ${this.role}`);
    for (const [i, connecting] of roles.entries()) {
      const found: Partial<Record<Role, number>> = {};
      ports.set(connecting, found);
      for (const accepting of roles.slice(0, i)) {
        const target = own.get(accepting);
        if (target === undefined) throw new Error(`nobody plays the ${accepting}`);
        if (connecting === this.role) await this.#tunnelHere(far, accepting, target);
        else found[accepting] = accepting === this.role ? await this.#tunnelThere(far, connecting) : target;
      }
    }
    return ports;
  }

  /** From the other host's party to `port` of this one, where `role` listens. */
  async #tunnelHere(party: number, role: Role, port: number): Promise<void> {
    const far = await this.#tunnel(party, role);
    join(await connectLocally(port), far);
  }

  /** From a port of this host, which is returned and where `role` connects, to the other one's party. */
  async #tunnelThere(party: number, role: Role): Promise<number> {
    const entrance = await listenOnce(ENTRANCE_MS);
    void entrance.connection.then(
      async (near) => {
        try {
          join(near, await this.#tunnel(party, role));
        } catch {
          near.destroy(); // the party finds its connection closed, and says so
        }
      },
      () => {},
    );
    return entrance.port;
  }

  async #tunnel(party: number, role: Role): Promise<TLSSocket> {
    const socket = await this.open({ type: 'tunnel', party, role });
    const answer = await readLine(socket);
    if (answer.type !== 'open') throw new ProtocolError('the peer opened no tunnel');
    return socket;
  }

  /** What the other host says of itself. */
  get self(): HostSelf {
    return this.welcome.self;
  }

  /**
   * Tells the other host what is shared, by the digests that `shared-items.ts` makes; the number of rows
   * that it wrote.
   * @throws UsageError when it did not take the result
   */
  async sendResult(digests: Buffer): Promise<number> {
    const socket = await this.open({ type: 'result', count: digests.length / DIGEST_BYTES });
    try {
      await sendBytes(socket, digests);
      const answer = await readLine(socket);
      if (answer.type !== 'written') throw new Error(printable(String(answer.reason)));
      return count(answer.rows, 'rows');
    } catch (error) {
      throw new UsageError(
        `the sender's host did not take the result: ${messageOf(error)}; its log says why`,
      );
    } finally {
      socket.destroy();
    }
  }

  /** Ends the session: the other host kills what it started for it. */
  close(): void {
    this.#closing = true;
    this.#main.destroy();
  }
}
