/**
 * A party that this host plays for another: its process, what may be asked of it, and the tunnels that lead
 * to it. All of it ends with the connection on which it is asked.
 */
import type { TLSSocket } from 'node:tls';
import type { Role } from '../../contract.ts';
import { messageOf, ProtocolError } from '../../errors.ts';
import { LocalParty, type PartyFailure } from '../../party/local.ts';
import type { FromParty, PartyTask, ToParty } from '../../party/messages.ts';
import { Conversation } from '../wire/conversation.ts';
import { ClosedError, readLine, sendLine } from '../wire/lines.ts';
import { type Ask, parseAsk } from '../wire/messages.ts';
import { connectLocally, type Entrance, join, listenOnce } from '../wire/tunnel.ts';

/** An entrance that the other host asked for and did not use by then is closed. */
const ENTRANCE_MS = 60_000;
const FAREWELL_MS = 2000;

/** What a served party has from its host. */
export interface Setting {
  /** What its process finds in its environment besides. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told why it failed; then the other host is told no more than that it did. Absent: it is told all. */
  readonly keepReason?: (reason: string) => void;
}

export class ServedParty {
  readonly #keepReason: Setting['keepReason'];
  readonly #number: number;
  readonly #task: PartyTask;
  readonly #socket: TLSSocket;
  readonly #process: LocalParty;
  readonly #conversation = new Conversation();
  /** Where the process listens. */
  #port: number | undefined;
  /** Where the process finds those that it is to connect to. */
  readonly #entrances = new Map<Role, Entrance>();
  /** Every role may be tunnelled to once. */
  readonly #tunnels = new Map<Role, TLSSocket>();
  #isOver = false;
  /** CPU time of its process so far, and the runs that it has finished. */
  cpuMs = 0;
  runs = 0;

  /** Starts the process. @param number what the other host calls the party by */
  constructor(number: number, task: PartyTask, socket: TLSSocket, { environment, keepReason }: Setting) {
    this.#keepReason = keepReason;
    this.#number = number;
    this.#task = task;
    this.#socket = socket;
    const fail = (failure: PartyFailure) => void this.#fail(failure);
    this.#process = new LocalParty(task.role, task.implementation.module, fail, environment);
    socket.once('close', () => this.#process.kill());
  }

  /** Answers what is asked on its connection until that ends; resolves when the process is gone. */
  async serve(): Promise<void> {
    try {
      void this.#ask({ type: 'open', task: this.#task }, 'ready');
      // The next line is read while the process works: it may be asked to leave at any time.
      for (;;) {
        const asked = parseAsk(await readLine(this.#socket));
        if (asked.type === 'dismiss') break;
        const answer = this.#conversation.asks(asked);
        void this.#ask(this.#toProcess(asked), answer);
      }
      this.#isOver = true;
    } catch (error) {
      if (!(error instanceof ClosedError)) {
        await this.#fail({ outcome: 'broken', reason: messageOf(error), weight: 5 });
      }
      this.#process.kill();
    } finally {
      this.#isOver = true;
      await this.#process.dismiss();
      for (const entrance of this.#entrances.values()) entrance.close();
      for (const tunnel of this.#tunnels.values()) tunnel.destroy();
      this.#socket.end();
    }
  }

  /**
   * Makes `socket` the connection between this party and `role` of the other host.
   * @throws ProtocolError when there is one already, or none to be had
   */
  async tunnel(role: Role, socket: TLSSocket): Promise<void> {
    const { roles, role: own } = this.#task;
    const position = roles.indexOf(role);
    if (position < 0 || role === own || this.#tunnels.has(role) || this.#isOver) {
      throw new ProtocolError(`an invalid tunnel to the ${role}`);
    }
    this.#tunnels.set(role, socket);
    if (position < roles.indexOf(own)) {
      // Who comes earlier in the list is connected to.
      const entrance = await listenOnce(ENTRANCE_MS);
      this.#entrances.set(role, entrance);
      if (this.#isOver) entrance.close();
      socket.once('close', () => entrance.close());
      await sendLine(socket, { type: 'open' });
      join(await entrance.connection, socket);
      return;
    }
    if (this.#port === undefined) throw new ProtocolError('a tunnel to a party that does not listen');
    const local = await connectLocally(this.#port);
    await sendLine(socket, { type: 'open' });
    join(local, socket);
  }

  #toProcess(asked: Ask): ToParty {
    if (asked.type !== 'connect') return asked;
    const { roles, role: own } = this.#task;
    const ports: Partial<Record<Role, number>> = {};
    for (const role of roles.slice(0, roles.indexOf(own))) {
      const entrance = this.#entrances.get(role);
      if (!entrance) throw new ProtocolError(`the other host made no tunnel to the ${role}`);
      ports[role] = entrance.port;
    }
    return { type: 'connect', ports };
  }

  async #ask(message: ToParty, type: FromParty['type']): Promise<void> {
    let said: FromParty = await this.#process.ask(message, type);
    this.#conversation.answered(said);
    if (said.type === 'ready') {
      this.#port = said.port;
      said = { ...said, port: this.#number };
    }
    if (said.type === 'phase-done') this.cpuMs += said.usage.cpuUserMs + said.usage.cpuSystemMs;
    if (said.type === 'finished') this.runs += 1;
    await sendLine(this.#socket, { type: 'answer', message: said });
  }

  /** What the other host is told of a failure. */
  #told(failure: PartyFailure): PartyFailure {
    if (!this.#keepReason) return failure;
    this.#keepReason(`a party of ${this.#task.implementation.id} failed: ${failure.reason}`);
    const reason = `the ${this.#task.role} failed (${failure.outcome}); its own host's log says why`;
    return { ...failure, reason };
  }

  async #fail(failure: PartyFailure): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#process.kill();
    // Whether the other host reads it or not.
    setTimeout(() => this.#socket.destroy(), FAREWELL_MS).unref();
    await sendLine(this.#socket, { type: 'failure', failure: this.#told(failure) });
    this.#socket.destroySoon();
  }
}
