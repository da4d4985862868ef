/** A host that knows the token and keeps to no rule, for tests of what the other one lets it do. */
import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { findImplementations } from '../implementations/find.ts';
import { captureEnvironment } from '../record/environment.ts';
import { PROJECT } from '../testing/cli.ts';
import type { Allowance } from './host/allowance.ts';
import { PeerHost } from './host/host.ts';
import { type HostSelf, hostSelf } from './host/host-self.ts';
import { keepAlive } from './wire/keep-alive.ts';
import { readLine, sendLine } from './wire/lines.ts';
import { PEER_PROTOCOL } from './wire/messages.ts';
import { connectSecurely } from './wire/secure.ts';

export type Line = Readonly<Record<string, unknown>>;

/** A task that a host which allows `hash` plays. */
export const RIGHT_TASK = {
  id: 'hash',
  dataset: { kind: 'random', receiverSize: 16, senderSize: 16, overlap: 8, seed: '1' },
  sizes: { receiver: 16, sender: 16 },
  options: {},
  output: { kind: 'intersection' },
  threads: 1,
  token: 'ab'.repeat(32),
} as const;

export class Attacker {
  readonly host: PeerHost;
  readonly port: number;
  readonly self: HostSelf;
  readonly log: readonly string[];
  readonly key: Buffer;
  /** The version of `hash` here. */
  readonly version: string;
  session = '';
  readonly #sockets: TLSSocket[] = [];

  private constructor(fields: Pick<Attacker, 'host' | 'port' | 'self' | 'log' | 'key' | 'version'>) {
    this.host = fields.host;
    this.port = fields.port;
    this.self = fields.self;
    this.log = fields.log;
    this.key = fields.key;
    this.version = fields.version;
  }

  /** Starts a host in this process that allows `hash`, and says hello to it. */
  static async begin(allowance: Partial<Allowance> = {}): Promise<Attacker> {
    const key = randomBytes(32);
    const facts = { run: '', started: '', command: '', seed: '' };
    const self = hostSelf(await captureEnvironment(facts, PROJECT));
    const log: string[] = [];
    const implementations = await findImplementations(['hash']);
    const allowed = {
      implementations,
      settings: [],
      maxItems: 1000,
      maxThreads: 1,
      maxParties: 3,
      own: null,
      environment: () => ({}),
    };
    const host = new PeerHost(key, self, { ...allowed, ...allowance }, (line) => log.push(line));
    const port = await host.listen({ host: '127.0.0.1', port: 0 });
    const version = implementations[0]?.implementation.version ?? '';
    const attacker = new Attacker({ host, port, self, log, key, version });
    await attacker.hello();
    return attacker;
  }

  /** A connection that has proved the token, and said nothing yet. */
  async connect(): Promise<TLSSocket> {
    const socket = await connectSecurely({ host: '127.0.0.1', port: this.port }, this.key);
    this.#sockets.push(socket);
    return socket;
  }

  /** The main connection of a new session. */
  async hello(): Promise<TLSSocket> {
    const main = await this.connect();
    await sendLine(main, { type: 'hello', protocol: PEER_PROTOCOL, self: this.self, root: null });
    this.session = String((await readLine(main)).session);
    keepAlive(main);
    return main;
  }

  /** A connection that begins with this line, in the session. */
  async open(line: Line): Promise<TLSSocket> {
    const socket = await this.connect();
    await sendLine(socket, { session: this.session, ...line });
    return socket;
  }

  /** A party's connection. */
  party(task: Line = {}): Promise<TLSSocket> {
    return this.open({ type: 'party', task: { ...RIGHT_TASK, version: this.version, ...task } });
  }

  /** A party's connection and what the host calls the party, once it is there. */
  async readyParty(): Promise<{ socket: TLSSocket; party: number }> {
    const socket = await this.party();
    const { message } = (await readLine(socket)) as { message: { type: string; port: number } };
    if (message?.type !== 'ready') throw new Error('the party did not get ready');
    return { socket, party: message.port };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.host.close();
  }
}
