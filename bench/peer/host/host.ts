/**
 * The sender's host: waits for the host that measures, compares the code, and plays the sender in the
 * cells that it is asked to, as far as its owner allows. Whoever connects is a stranger until it proves
 * that it knows the token, and the other party after that: trusted with neither data nor memory.
 */
import { randomBytes } from 'node:crypto';
import type { Server, TLSSocket } from 'node:tls';
import { messageOf, ProtocolError, UsageError } from '../../errors.ts';
import { answerCalibration } from '../calibrated.ts';
import { readBytes } from '../wire/bulk.ts';
import { keepAlive } from '../wire/keep-alive.ts';
import { readLine, sendLine } from '../wire/lines.ts';
import { type Answer, type Opening, PEER_PROTOCOL, parseOpening, type RemoteTask } from '../wire/messages.ts';
import { type Address, listenSecurely } from '../wire/secure.ts';
import { type Allowance, allowedTask, checkAllowance } from './allowance.ts';
import { codeDifference, type HostSelf } from './host-self.ts';
import { limitedLog } from './log.ts';
import { ServedParty } from './served-party.ts';
import { DIGEST_BYTES } from './shared-items.ts';

/** Whoever connects has to say so soon what for, … */
const OPENING_MS = 5000;
/** … and no more than so many may take their time at once. */
const MAX_OPENING = 16;
/** Digests of a result take no longer. */
const RESULT_MS = 120_000;
/** Connections of a session beside those of its parties: the main one, calibration, the result. */
const SPARE_CONNECTIONS = 4;
/** A party's: its own, and a tunnel to each of the others. */
const CONNECTIONS_PER_PARTY = 3;

interface Session {
  readonly id: string;
  /** All connections of the session: they end with it, and a party's takes its process along. */
  readonly sockets: Set<TLSSocket>;
  readonly parties: Map<number, ServedParty>;
  readonly environment: Readonly<Record<string, string>>;
  /** Processes that there are, or are about to be; those that are ending too. */
  processes: number;
  started: number;
  /** Whether the result was sent, right or not. */
  gotResult: boolean;
  runs: number;
  cpuMs: number;
}

export class PeerHost {
  readonly #self: HostSelf;
  readonly #allowance: Allowance;
  readonly #log: (line: string) => void;
  readonly #server: Server;
  readonly #opening = new Set<TLSSocket>();
  #session: Session | undefined;
  #onIdle: (() => void) | undefined;

  /**
   * @param log is told what happens, one line each, not too many
   * @throws Error when the allowance makes no sense
   */
  constructor(key: Buffer, self: HostSelf, allowance: Allowance, log: (line: string) => void) {
    checkAllowance(allowance);
    this.#self = self;
    this.#allowance = allowance;
    this.#log = limitedLog(log);
    this.#server = listenSecurely(key, (socket) => void this.#accept(socket), this.#log);
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
    for (const socket of this.#opening) socket.destroy();
    this.#server.close();
  }

  /** One connection, whatever comes over it: a fault ends it, and nothing else. */
  async #accept(socket: TLSSocket): Promise<void> {
    try {
      const opening = await this.#opened(socket);
      if (opening.type === 'hello') this.#welcome(socket, opening);
      else await this.#serve(socket, opening);
    } catch {
      socket.destroy(); // the other host knows why, or is gone
    }
  }

  /** What a connection is for. */
  async #opened(socket: TLSSocket): Promise<Opening> {
    this.#opening.add(socket);
    if (this.#opening.size > MAX_OPENING) this.#opening.values().next().value?.destroy();
    const timer = setTimeout(() => socket.destroy(), OPENING_MS);
    try {
      return parseOpening(await readLine(socket));
    } finally {
      clearTimeout(timer);
      this.#opening.delete(socket);
    }
  }

  #welcome(socket: TLSSocket, { protocol, self, root }: Extract<Opening, { type: 'hello' }>): void {
    const from = socket.remoteAddress;
    const difference = protocol === PEER_PROTOCOL ? codeDifference(this.#self.code, self.code) : 'protocol';
    const reason = this.#session
      ? 'it serves another run'
      : difference && `the hosts run different code (${difference}): install the same commit on both`;
    if (reason) {
      this.#log(`refused a run from ${from}: ${reason}`);
      void sendLine(socket, { type: 'refused', reason } satisfies Answer);
      socket.end();
      return;
    }
    const session: Session = {
      id: randomBytes(16).toString('hex'),
      sockets: new Set([socket]),
      parties: new Map(),
      environment: this.#allowance.environment(root),
      processes: 0,
      started: 0,
      gotResult: false,
      runs: 0,
      cpuMs: 0,
    };
    this.#session = session;
    const { implementations, own } = this.#allowance;
    const welcome: Answer = {
      type: 'welcome',
      session: session.id,
      self: this.#self,
      allowed: implementations.map(({ implementation }) => implementation.id),
      own: own?.facts ?? null,
      takesResult: own?.takeResult != null,
    };
    void sendLine(socket, welcome);
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
    for (const party of session.parties.values()) tally(session, party);
    for (const socket of session.sockets) socket.destroy();
    const { started, runs, cpuMs } = session;
    const used = `${started} parties played ${runs} runs with ${(cpuMs / 1000).toFixed(1)} s of CPU time`;
    this.#log(`the run is over: ${used}`);
    this.#onIdle?.();
  }

  async #serve(socket: TLSSocket, opening: Exclude<Opening, { type: 'hello' }>): Promise<void> {
    const session = this.#session;
    if (!session || opening.session !== session.id) throw new ProtocolError('a connection of no session');
    const most = SPARE_CONNECTIONS + CONNECTIONS_PER_PARTY * this.#allowance.maxParties;
    if (session.sockets.size >= most) throw new ProtocolError('too many connections');
    session.sockets.add(socket);
    socket.once('close', () => session.sockets.delete(socket));
    if (opening.type === 'party') await this.#party(socket, session, opening.task);
    else if (opening.type === 'calibrate') await answerCalibration(socket);
    else if (opening.type === 'result') await this.#takeResult(socket, session, opening.count);
    else {
      const party = session.parties.get(opening.party);
      if (!party) throw new ProtocolError('a tunnel to no party');
      await party.tunnel(opening.role, socket);
    }
  }

  /** What both files share, once, when the owner asked for it. */
  async #takeResult(socket: TLSSocket, session: Session, count: number): Promise<void> {
    const { own } = this.#allowance;
    if (!own?.takeResult || session.gotResult || count > own.facts.items) {
      throw new ProtocolError('a result that nobody asked for');
    }
    session.gotResult = true;
    const timer = setTimeout(() => socket.destroy(), RESULT_MS);
    try {
      const rows = await own.takeResult(await readBytes(socket, count * DIGEST_BYTES));
      this.#log(`the other host told what is shared: ${rows} rows are written`);
      await sendLine(socket, { type: 'written', rows });
    } catch (error) {
      this.#log(`what the other host said to be shared was not taken: ${messageOf(error)}`);
      await sendLine(socket, { type: 'refused', reason: 'the result was not taken' });
    } finally {
      clearTimeout(timer);
      socket.end();
    }
  }

  async #party(socket: TLSSocket, session: Session, asked: RemoteTask): Promise<void> {
    const { maxParties } = this.#allowance;
    let party: ServedParty;
    try {
      const task = allowedTask(asked, this.#allowance);
      if (session.processes >= maxParties) {
        throw new Error(`it plays no more than ${maxParties} parties at once (--max-parties)`);
      }
      session.processes += 1;
      session.started += 1;
      party = new ServedParty(session.started, task, socket, {
        environment: session.environment,
        // Why a party of its owner's data fails is for its owner.
        ...(this.#allowance.own && { keepReason: this.#log }),
      });
    } catch (error) {
      const reason = `the sender's host refused the cell: ${messageOf(error)}`;
      this.#log(`refused a cell: ${messageOf(error)}`);
      await sendLine(socket, { type: 'failure', failure: { outcome: 'broken', reason, weight: 5 } });
      socket.end();
      return;
    }
    const number = session.started;
    session.parties.set(number, party);
    try {
      await party.serve();
    } finally {
      session.parties.delete(number);
      session.processes -= 1;
      if (this.#session === session) tally(session, party);
    }
  }
}

function tally(session: Session, { runs, cpuMs }: ServedParty): void {
  session.runs += runs;
  session.cpuMs += cpuMs;
}
