/**
 * The sender's host: waits for the host that measures, compares the code, and plays the sender in the
 * cells that it is asked to. Its items it makes itself; it does nothing but what an implementation of
 * its own list does with generated data.
 */

import { randomBytes } from 'node:crypto';
import type { Server, TLSSocket } from 'node:tls';
import { type DatasetSpec, validateSpec } from '../../datasets/dataset.ts';
import type { Output, Role } from '../contract.ts';
import { messageOf, UsageError } from '../errors.ts';
import type { Located } from '../implementations/find.ts';
import { resolveOptions } from '../implementations/options.ts';
import { LocalParty } from '../party/local.ts';
import type { FromParty, PartyTask, ToParty } from '../party/messages.ts';
import { MAX_ITEMS, rolesOf } from '../terms.ts';
import { discard } from './bulk.ts';
import { readLine, sendLine } from './lines.ts';
import {
  type Answer,
  asOpening,
  codeDifference,
  type FromRemoteParty,
  type HostSelf,
  type Opening,
  PEER_PROTOCOL,
} from './messages.ts';
import { keepAlive } from './peer.ts';
import { type Address, listenSecurely } from './secure.ts';
import { connectLocally, join, listenOnce } from './tunnel.ts';

const ROLE: Role = 'sender';
/** Whoever connects has to say so soon what for. */
const OPENING_MS = 10_000;
const MAX_THREADS = 256;
const MAX_BULK = 64 << 20;

interface Session {
  readonly id: string;
  /** All connections of the session: they end with it, and a party's takes its process along. */
  readonly sockets: Set<TLSSocket>;
  /** Ports of its parties' processes: where tunnels may lead. */
  readonly ports: Set<number>;
}

export class PeerHost {
  readonly #self: HostSelf;
  readonly #implementations: readonly Located[];
  readonly #log: (line: string) => void;
  readonly #server: Server;
  #session: Session | undefined;
  #onIdle: (() => void) | undefined;

  /** @param log is told what happens, one line each */
  constructor(key: Buffer, self: HostSelf, implementations: readonly Located[], log: (line: string) => void) {
    this.#self = self;
    this.#implementations = implementations;
    this.#log = log;
    this.#server = listenSecurely(key, (socket) => void this.#accept(socket), log);
  }

  /** Resolves to the port. @throws UsageError when it cannot be had. */
  listen({ host, port }: Address): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(new UsageError(`cannot listen on ${host}:${port}: ${messageOf(error)}`)),
      );
      this.#server.listen(port, host, () => resolve((this.#server.address() as { port: number }).port));
    });
  }

  /** Resolves when the next session has ended. */
  sessionEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  close(): void {
    this.#end();
    this.#server.close();
  }

  async #accept(socket: TLSSocket): Promise<void> {
    const timer = setTimeout(() => socket.destroy(), OPENING_MS);
    try {
      const opening = asOpening(await readLine(socket));
      clearTimeout(timer);
      if (opening.type === 'hello') return this.#welcome(socket, opening);
      const session = this.#session;
      if (!session || opening.session !== session.id) throw new Error('a connection of no session');
      session.sockets.add(socket);
      socket.once('close', () => session.sockets.delete(socket));
      if (opening.type === 'party') await this.#party(socket, session, opening);
      else if (opening.type === 'tunnel') await this.#tunnel(socket, session, opening.port);
      else await this.#calibrate(socket);
    } catch {
      socket.destroy(); // the other host knows why, or is gone
    } finally {
      clearTimeout(timer);
    }
  }

  #welcome(socket: TLSSocket, { protocol, self }: Extract<Opening, { type: 'hello' }>): void {
    const from = socket.remoteAddress;
    const difference = protocol === PEER_PROTOCOL ? codeDifference(this.#self.code, self.code) : 'protocol';
    const reason = this.#session
      ? 'it serves another run'
      : difference && `the hosts run different code (${difference}): install the same commit on both`;
    if (reason) {
      this.#log(`refused a run from ${from}: ${reason}`);
      sendLine(socket, { type: 'refused', reason } satisfies Answer);
      socket.end();
      return;
    }
    const session = {
      id: randomBytes(16).toString('hex'),
      sockets: new Set([socket]),
      ports: new Set<number>(),
    };
    this.#session = session;
    sendLine(socket, { type: 'welcome', session: session.id, self: this.#self } satisfies Answer);
    keepAlive(socket);
    this.#log(`serving a run from ${from}`);
    socket.once('close', () => {
      if (this.#session === session) this.#end();
    });
  }

  /** The run is over or its host is gone: so are its processes. */
  #end(): void {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    for (const socket of session.sockets) socket.destroy();
    this.#log('the run is over');
    this.#onIdle?.();
  }

  async #party(
    socket: TLSSocket,
    session: Session,
    { task, version }: Extract<Opening, { type: 'party' }>,
  ): Promise<void> {
    const say = (message: FromRemoteParty) => sendLine(socket, message);
    let checked: PartyTask;
    try {
      checked = this.#checkTask(task, version);
    } catch (error) {
      const reason = `the ${ROLE}'s host refused the cell: ${messageOf(error)}`;
      say({ type: 'failure', failure: { outcome: 'broken', reason, weight: 5 } });
      socket.end();
      return;
    }
    const party = new LocalParty(ROLE, (failure) => say({ type: 'failure', failure }));
    socket.once('close', () => party.kill());
    const answer = async (message: ToParty, type: FromParty['type']) => {
      const said = await party.ask(message, type);
      if (said.type === 'ready') session.ports.add(said.port);
      say({ type: 'answer', message: said });
    };
    void answer({ type: 'open', task: checked }, 'ready');
    try {
      for (;;) {
        const asked = await readLine(socket);
        if (asked.type === 'dismiss') break;
        // What the party makes of a message that is none is its own process's end.
        void answer(asked.message as ToParty, asked.answer as FromParty['type']);
      }
      await party.dismiss();
    } finally {
      party.kill();
      socket.end();
    }
  }

  /** What is asked of this host, in its own terms. @throws Error in words. */
  #checkTask(task: PartyTask, version: string): PartyTask {
    const { id } = task.implementation;
    const located = this.#implementations.find(({ implementation }) => implementation.id === id);
    if (!located) throw new Error(`it has no implementation "${id}": give its path with --impl`);
    const { implementation } = located;
    if (implementation.version !== version) {
      throw new Error(`its ${id} is of version ${implementation.version}, asked for ${version}`);
    }
    if (task.role !== ROLE) throw new Error(`it plays the ${ROLE}, not the ${task.role}`);
    const roles = rolesOf(implementation);
    if (task.roles.join() !== roles.join()) throw new Error(`the roles of ${id} are ${roles.join(', ')}`);
    const dataset = task.dataset as DatasetSpec;
    validateSpec(dataset);
    if (dataset.kind === 'file') throw new Error('it reads no file for others');
    for (const [what, value, max] of [
      ["the receiver's size", task.sizes.receiver, MAX_ITEMS],
      ["the sender's size", task.sizes.sender, MAX_ITEMS],
      ['the number of threads', task.threads, MAX_THREADS],
    ] as const) {
      if (!Number.isInteger(value) || value < 0 || value > max) throw new Error(`${what} cannot be ${value}`);
    }
    if (!/^[0-9a-f]{64}$/.test(task.token)) throw new Error('the token of the parties is malformed');
    return {
      role: ROLE,
      roles,
      implementation: { module: located.module, id },
      dataset,
      sizes: { receiver: task.sizes.receiver, sender: task.sizes.sender },
      options: resolveOptions(implementation, task.options),
      output: checkOutput(task.output),
      threads: task.threads,
      token: task.token,
      protocolSeed: task.protocolSeed === null ? null : String(task.protocolSeed),
    };
  }

  async #tunnel(socket: TLSSocket, session: Session, port: number | null): Promise<void> {
    if (port === null) {
      const entrance = await listenOnce();
      socket.once('close', () => entrance.close());
      sendLine(socket, { type: 'listening', port: entrance.port });
      join(await entrance.connection, socket);
      return;
    }
    if (!session.ports.has(port)) throw new Error('a tunnel to a port of no party');
    const local = await connectLocally(port);
    sendLine(socket, { type: 'connected' });
    join(local, socket);
  }

  async #calibrate(socket: TLSSocket): Promise<void> {
    for (;;) {
      const { type, bytes } = await readLine(socket);
      if (type === 'ping') {
        sendLine(socket, { type: 'pong' });
        continue;
      }
      if (!Number.isInteger(bytes) || (bytes as number) < 0 || (bytes as number) > MAX_BULK) return;
      if (type === 'bulk') socket.write(Buffer.alloc(bytes as number));
      else {
        await discard(socket, bytes as number);
        sendLine(socket, { type: 'done' });
      }
    }
  }
}

/** What the receiver is to learn, as the other host asks for it. @throws Error when it is no output */
function checkOutput(output: unknown): Output {
  const { kind, atLeast } = Object(output);
  if (kind === 'intersection' || kind === 'cardinality') return { kind };
  if (kind === 'threshold' && Number.isSafeInteger(atLeast) && atLeast >= 1) return { kind, atLeast };
  throw new Error('the output asked for is none');
}
