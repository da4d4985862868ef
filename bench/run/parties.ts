/**
 * The processes that play one cell: started, connected with each other, led through the phases of
 * each run, and killed in the end, whatever happens.
 */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase, ReceiverResult, Role } from '../contract.ts';
import { messageOf } from '../errors.ts';
import { processLimits } from '../machine/limits.ts';
import type { Link } from '../network/index.ts';
import { type LinkReading, ShapedLinks } from '../network/links.ts';
import { LocalParty, type PartyFailure, type PartyHandle, type PlayFailure } from '../party/local.ts';
import {
  type FromParty,
  monotonicMs,
  type PartyTask,
  type PhaseUsage,
  type StartUsage,
  type ToParty,
} from '../party/messages.ts';
import type { Peer } from '../peer/peer.ts';
import { RemoteParty } from '../peer/remote.ts';
import type { Stage } from '../record/samples.ts';
import { PHASES } from '../terms.ts';

/** How long to wait, after one party failed, for what the others have to say about it. */
const GRACE_MS = 400;

export { PARTY_ENVIRONMENT, type PlayFailure } from '../party/local.ts';

/** One phase of one run, or its start: the making of the parties, with the loading of their code. */
export interface PhasePlay {
  readonly phase: Stage;
  /**
   * From the barrier until every party had done its part, which includes having received everything;
   * for `online`, until the receiver held the result. That the parties tell each other so is not in it.
   */
  readonly wallMs: number;
  /** From the barrier until every party knew that all were done: what CPU time is to be held against. */
  readonly spanMs: number;
  readonly parties: ReadonlyMap<Role, StageUsage>;
}

/** What a party used, in a phase or in the start. */
export type StageUsage = Omit<PhaseUsage, 'phase'>;

/** A run that came to its end (its result not yet checked), or the way in which it failed. */
export type PlayedRun =
  | {
      readonly outcome: 'played';
      readonly phases: readonly PhasePlay[];
      readonly result: ReceiverResult;
      /** What the slowest party's `close` took, after the result: in no phase. */
      readonly closeMs: number;
      /** What the shaped links carried during the run; null without shaping. */
      readonly carried: readonly LinkReading[] | null;
    }
  | PlayFailure;

/** Where the parties of a cell are. */
export interface Surroundings {
  /** What the links between the parties are made to be; null: the bare loopback, or a real network. */
  readonly link: Link | null;
  /** The host that plays one of the roles; null when all are played here. */
  readonly peer: Peer | null;
  /** The implementation's version, which the other host must have as well. */
  readonly version: string;
}

export class Parties {
  /** Cores of all hosts together. */
  readonly cores: number;
  readonly #handles: ReadonlyMap<Role, PartyHandle>;
  readonly #failures: PartyFailure[] = [];
  #onFailure: (() => void) | undefined;
  #onKill: (() => void) | undefined;
  #quitting = false;
  readonly #links: ShapedLinks | null;
  readonly #peer: Peer | null;

  private constructor(tasks: readonly PartyTask[], { link, peer, version }: Surroundings) {
    this.#peer = peer;
    this.cores = processLimits().cores + (peer?.self.host.cores ?? 0);
    const report = (failure: PartyFailure) => {
      if (this.#quitting) return;
      this.#failures.push(failure);
      this.#onFailure?.();
    };
    const roles = tasks.map(({ role }) => role);
    this.#handles = new Map(
      tasks.map(({ role, implementation }) => [
        role,
        role === peer?.role
          ? new RemoteParty(peer, role, version, report)
          : new LocalParty(role, implementation.module, report, peer?.environment),
      ]),
    );
    this.#links =
      link && new ShapedLinks(roles, link, (reason) => report({ outcome: 'died', reason, weight: 4 }));
  }

  /**
   * Starts and connects the parties of a cell, here and over the bare loopback unless told otherwise;
   * `signal` kills them. Resolves to the failure when that does not work.
   */
  static async start(
    task: Omit<PartyTask, 'role' | 'token'>,
    timeoutMs: number,
    signal?: AbortSignal,
    surroundings: Surroundings = { link: null, peer: null, version: '' },
  ): Promise<Parties | PlayFailure> {
    const token = randomBytes(32).toString('hex');
    const tasks = task.roles.map((role) => ({ ...task, role, token }));
    const parties = new Parties(tasks, surroundings);
    signal?.addEventListener('abort', () => parties.kill(), { once: true });
    const started = await parties.#guard(timeoutMs, 'start', async () => {
      const ready = await parties.#all('ready', (role) => ({
        type: 'open',
        task: tasks.find((candidate) => candidate.role === role)!,
      }));
      const own = new Map([...ready].map(([role, { port }]) => [role, port]));
      const elsewhere = await (parties.#links?.open(own) ?? parties.#tunnels(task.roles, own));
      if (elsewhere && 'outcome' in elsewhere) return elsewhere;
      await parties.#all('connected', (role) => ({
        type: 'connect',
        ports: elsewhere?.get(role) ?? Object.fromEntries(own),
      }));
      await parties.#links?.read(); // what the greetings took is no run's
      return parties;
    });
    if ('outcome' in started) parties.kill();
    return started;
  }

  /** The ports of the other host's parties, or why they cannot be reached; undefined without another host. */
  async #tunnels(roles: readonly Role[], own: ReadonlyMap<Role, number>) {
    try {
      return await this.#peer?.tunnels(roles, own);
    } catch (error) {
      return { outcome: 'died', reason: messageOf(error) } satisfies PlayFailure;
    }
  }

  /** The relay's process, when the links are shaped: for tests that kill it. */
  get relayPid(): number | undefined {
    return this.#links?.pid;
  }

  /** The processes' ids, by role: for tests that kill one. */
  get pids(): ReadonlyMap<Role, number | undefined> {
    return new Map([...this.#handles].map(([role, party]) => [role, party.pid]));
  }

  /** Plays one run. After a failure they are of no more use and their processes are gone. */
  async play(sample: number, timeoutMs: number): Promise<PlayedRun> {
    const play = await this.#guard(timeoutMs, 'run', () => this.#play(sample));
    if (play.outcome !== 'played') this.kill();
    return play;
  }

  async #play(sample: number): Promise<PlayedRun> {
    const started = await this.#all('started', () => ({ type: 'start', sample }));
    const phases: PhasePlay[] = [startOf(new Map([...started].map(([role, { start }]) => [role, start])))];
    for (const phase of PHASES) {
      if (![...started.values()].some((party) => party.phases.includes(phase))) continue;
      const { from, parties } = await this.#phase(phase);
      const spanMs = lastOf(parties, 'endedAt') - from;
      const doneAt = phase === 'online' ? parties.get('receiver')!.doneAt : lastOf(parties, 'doneAt');
      const wallMs = doneAt - from;
      phases.push({ phase, wallMs, spanMs, parties });
    }
    const finished = await this.#all('finished', () => ({ type: 'finish' }));
    const carried = (await this.#links?.read()) ?? null;
    const closeMs = Math.max(...[...finished.values()].map((party) => party.closeMs));
    return { outcome: 'played', phases, result: finished.get('receiver')!.result!, closeMs, carried };
  }

  /**
   * Plays one phase; `from` is when it began on this host's clock, the only one that is read. A party
   * of another host is told half a round trip earlier, so that all begin together. When it was done is
   * known from when its last word, that it was, arrived here: half a round trip before that.
   */
  async #phase(phase: Phase): Promise<{ from: number; parties: ReadonlyMap<Role, PhaseUsage> }> {
    const leadMs = (this.#peer?.rttMs ?? 0) / 2;
    let from = monotonicMs();
    const begin =
      this.#peer &&
      sleep(leadMs).then(() => {
        from = monotonicMs();
      });
    const answers = [...this.#handles].map(async ([role, party]) => {
      if (role !== this.#peer?.role) await begin;
      const { usage } = await party.ask({ type: 'phase', phase }, 'phase-done');
      return [role, usage] as const;
    });
    const parties = new Map(await Promise.all(answers));
    const far = this.#peer && parties.get(this.#peer.role);
    if (far) {
      parties.delete(this.#peer!.role);
      const endedAt = lastOf(parties, 'endedAt');
      const doneAt = Math.max(lastOf(parties, 'doneAt'), endedAt - leadMs);
      parties.set(this.#peer!.role, { ...far, doneAt, endedAt });
    }
    return { from, parties };
  }

  /** Asks the processes to leave, and kills those that do not. */
  async dismiss(): Promise<void> {
    this.#quitting = true;
    await Promise.all([...this.#handles.values()].map((party) => party.dismiss()));
    await this.#links?.kill();
  }

  /** Ends all processes at once. */
  kill(): void {
    this.#quitting = true;
    for (const party of this.#handles.values()) party.kill();
    void this.#links?.kill();
    this.#onKill?.();
  }

  /** Sends every party a message and collects the answers of type `answer`. */
  async #all<Type extends FromParty['type']>(
    answer: Type,
    message: (role: Role) => ToParty,
  ): Promise<Map<Role, Extract<FromParty, { type: Type }>>> {
    const answers = new Map<Role, Extract<FromParty, { type: Type }>>();
    await Promise.all(
      [...this.#handles].map(async ([role, party]) => {
        answers.set(role, await party.ask(message(role), answer));
      }),
    );
    return answers;
  }

  /** Does `work` unless a party fails or the time is up first; then says why. */
  async #guard<T>(timeoutMs: number, what: string, work: () => Promise<T>): Promise<T | PlayFailure> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<PlayFailure>((resolve) => {
      timer = setTimeout(() => {
        const where = [...this.#handles].map(([role, party]) => `${role}: ${party.doing}`).join(', ');
        resolve({
          outcome: 'timeout',
          reason: `the ${what} took longer than ${timeoutMs / 1000} s (${where}); allow more with --timeout`,
        });
      }, timeoutMs);
    });
    const failed = new Promise<PlayFailure>((resolve) => {
      const afterGrace = () => setTimeout(() => resolve(this.#verdict()), GRACE_MS);
      this.#onFailure = afterGrace;
      if (this.#failures.length > 0) afterGrace();
      this.#onKill = () => resolve({ outcome: 'died', reason: 'the harness ended it' });
    });
    try {
      return await Promise.race([work(), late, failed]);
    } finally {
      clearTimeout(timer);
      this.#onFailure = undefined;
      this.#onKill = undefined;
    }
  }

  #verdict(): PlayFailure {
    const root = this.#failures.reduce((worst, failure) => (failure.weight > worst.weight ? failure : worst));
    return { outcome: root.outcome, reason: root.reason };
  }
}

/** Parties are made side by side, each by its own clock: the slowest tells when all are there. */
function startOf(starts: ReadonlyMap<Role, StartUsage>): PhasePlay {
  const wallMs = Math.max(...[...starts.values()].map((start) => start.wallMs));
  const parties = new Map(
    [...starts].map(([role, { wallMs: _, ...start }]) => [
      role,
      {
        ...start,
        ...{ doneAt: 0, endedAt: 0, children: 0 },
        ...{ traffic: {}, flights: 0, receivedFlights: 0 },
      },
    ]),
  );
  return { phase: 'start', wallMs, spanMs: wallMs, parties };
}

function lastOf(parties: ReadonlyMap<Role, PhaseUsage>, moment: 'doneAt' | 'endedAt'): number {
  return Math.max(...[...parties.values()].map((usage) => usage[moment]));
}
