/** One role of one implementation, played phase by phase. */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { loadItems } from '../../datasets/dataset.ts';
import type {
  Implementation,
  ItemSet,
  Output,
  Party,
  Phase,
  Random,
  ReceiverResult,
  Role,
  Session,
} from '../contract.ts';
import { ProtocolError } from '../errors.ts';
import { loadImplementation } from '../implementations/find.ts';
import { ownDescendants, TICK_MS } from '../machine/processes.ts';
import { UsageMeter } from '../machine/usage.ts';
import { SocketChannel, type Traffic } from './channel.ts';
import { FlightClock } from './flights.ts';
import { FreshItems } from './freshness.ts';
import { type FromParty, monotonicMs, type PartyTask, type PhaseUsage, type StartUsage } from './messages.ts';
import { seededRandom, systemRandom } from './random.ts';
import { checkStep, checkUsage } from './reports.ts';
import { settled } from './settle.ts';

const LOOPBACK = '127.0.0.1';
const NO_ITEMS: ItemSet = { count: 0, data: new Uint8Array(0), offsets: new Uint32Array(1) };

/** One run: a session and the party that plays in it. */
interface Run {
  readonly party: Party<unknown>;
  readonly items: ItemSet;
  readonly abort: AbortController;
  steps: Record<string, number>;
  children: { cpuMs: number; peakBytes: number };
  result: ReceiverResult | null;
}

/** What loading the implementation's code took: known once per process, charged to its first run. */
interface Loading {
  readonly wallMs: number;
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
}

export class PlayingParty {
  readonly #task: PartyTask;
  readonly #implementation: Implementation;
  readonly #items: FreshItems;
  #loading: Loading | null;
  /** CPU time of this process's own children as last looked at. */
  #childrenMs = 0;
  readonly #clock = new FlightClock();
  readonly #channels = new Map<Role, SocketChannel>();
  readonly #usage = new UsageMeter();
  /** What the implementation keeps from run to run. */
  readonly #kept = new Map<string, unknown>();
  readonly #server: Server;
  /** Connections from before this party knew whom to expect: the others may be told first. */
  readonly #arrived: Socket[] = [];
  #onArrival: (socket: Socket) => void = (socket) => this.#arrived.push(socket);
  #run: Run | undefined;

  private constructor(
    task: PartyTask,
    implementation: Implementation,
    loading: Loading,
    items: ItemSet,
    server: Server,
  ) {
    this.#task = task;
    this.#implementation = implementation;
    this.#loading = loading;
    this.#items = new FreshItems(items);
    this.#server = server;
    server.on('connection', (socket: Socket) => this.#onArrival(socket));
  }

  static async open(task: PartyTask): Promise<PlayingParty> {
    const from = monotonicMs();
    const cpu = process.cpuUsage();
    const { module, id } = task.implementation;
    const implementation = await loadImplementation(module, id, task.role);
    const doneAt = await settled(monotonicMs());
    const used = process.cpuUsage(cpu);
    const loading = {
      wallMs: doneAt - from,
      cpuUserMs: used.user / 1000,
      cpuSystemMs: used.system / 1000,
    };
    const items = task.role === 'helper' ? NO_ITEMS : await loadItems(task.dataset, task.role);
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    return new PlayingParty(task, implementation, loading, items, server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connects to the roles before this one in the list, and accepts those after it. */
  async connect(ports: Readonly<Partial<Record<Role, number>>>): Promise<void> {
    const { role, roles, token } = this.#task;
    const position = roles.indexOf(role);
    const accepting = this.#accept(roles.slice(position + 1));
    for (const peer of roles.slice(0, position)) {
      const channel = await SocketChannel.connect(ports[peer]!, LOOPBACK, role, peer, this.#clock);
      await channel.sendHello(Buffer.concat([Buffer.from(token, 'hex'), Buffer.from(role)]));
      this.#channels.set(peer, channel);
    }
    await accepting;
    this.#server.close();
  }

  /** Accepts until every one of `expected` has proved itself; strangers are turned away. */
  async #accept(expected: readonly Role[]): Promise<void> {
    const token = Buffer.from(this.#task.token, 'hex');
    const missing = new Set(expected);
    const check = (hello: Uint8Array): Role => {
      const role = Buffer.from(hello.subarray(token.length)).toString() as Role;
      const known = hello.length > token.length && timingSafeEqual(hello.subarray(0, token.length), token);
      if (!known || !missing.has(role)) throw new ProtocolError('the connecting process is not of this run');
      return role;
    };
    if (missing.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onArrival = (socket) => {
        const channel = SocketChannel.accept(socket, this.#task.role, this.#clock);
        channel.receiveHello(check).then(
          (role) => {
            this.#channels.set(role, channel);
            missing.delete(role);
            if (missing.size === 0) resolve();
          },
          () => channel.close(),
        );
      };
      for (const socket of this.#arrived) this.#onArrival(socket);
    });
  }

  /** Begins a run. The same processes and connections serve all runs of an execution. */
  async start(sample: number): Promise<FromParty> {
    const { role, protocolSeed } = this.#task;
    const abort = new AbortController();
    const random = protocolSeed === null ? systemRandom : seededRandom(`${protocolSeed}/${role}/${sample}`);
    const session = this.#session(random, abort.signal);
    const items = role === 'helper' ? NO_ITEMS : this.#items.of(sample);
    // Garbage of the run before is not this run's to collect, nor its memory.
    globalThis.gc?.();
    this.#usage.reset();
    this.#childrenMs = ownDescendants().cpuMs;
    const from = monotonicMs();
    const party: Party<unknown> =
      role === 'receiver'
        ? this.#implementation.receiver(session)
        : role === 'sender'
          ? this.#implementation.sender(session)
          : this.#implementation.helper!(session);
    const doneAt = await settled(monotonicMs());
    this.#run = { party, items, abort, steps: {}, children: { cpuMs: 0, peakBytes: 0 }, result: null };
    const { cpuUserMs, cpuSystemMs, peakBytes } = this.#takeUsage({ cpuMs: 0, peakBytes: 0 });
    const load = this.#loading;
    this.#loading = null;
    const start: StartUsage = {
      wallMs: doneAt - from + (load?.wallMs ?? 0),
      cpuUserMs: cpuUserMs + (load?.cpuUserMs ?? 0),
      cpuSystemMs: cpuSystemMs + (load?.cpuSystemMs ?? 0),
      peakBytes,
      steps: { ...(load && { load: load.wallMs }), create: doneAt - from },
    };
    const phases: Phase[] = [];
    if (party.setup) phases.push('setup');
    if (party.prepare && role !== 'helper') phases.push('prepare');
    return { type: 'started', phases: [...phases, 'online'], start };
  }

  /**
   * What this process and its children used since this was last called. What the system says of
   * children comes in ticks: what the party itself says of them is believed as long as both agree.
   */
  #takeUsage(
    declared: Run['children'],
  ): Pick<PhaseUsage, 'cpuUserMs' | 'cpuSystemMs' | 'peakBytes' | 'children'> {
    const { cpuUserMs, cpuSystemMs, peakBytes } = this.#usage.read();
    const { cpuMs, count } = ownDescendants();
    const foundMs = cpuMs - this.#childrenMs;
    this.#childrenMs = cpuMs;
    const hidden = foundMs - declared.cpuMs > 2 * TICK_MS * Math.max(1, count);
    this.#usage.reset();
    return {
      cpuUserMs: cpuUserMs + (hidden ? foundMs : declared.cpuMs),
      cpuSystemMs,
      peakBytes: peakBytes === null ? null : peakBytes + declared.peakBytes,
      children: count,
    };
  }

  #session(random: Random, signal: AbortSignal): Session {
    const { role, sizes, options, output, threads } = this.#task;
    return {
      role,
      sizes,
      options,
      output,
      kept: this.#kept,
      threads,
      random,
      signal,
      channel: (peer) => {
        const channel = this.#channels.get(peer);
        if (!channel) throw new Error(`the ${role} has no channel to "${peer}" in this protocol`);
        return channel;
      },
      step: (name, ms) => {
        checkStep(name, ms);
        const { steps } = this.#run!;
        steps[name] = (steps[name] ?? 0) + ms;
      },
      addUsage: (used) => {
        checkUsage(used);
        const { children } = this.#run!;
        children.cpuMs += used.cpuMs;
        children.peakBytes = Math.max(children.peakBytes, used.peakBytes);
      },
    };
  }

  async phase(phase: Phase): Promise<FromParty> {
    this.#usage.beginWork();
    const run = this.#run!;
    run.steps = {};
    run.children = { cpuMs: 0, peakBytes: 0 };
    this.#clock.reset();
    this.#silence(phase === 'prepare' ? 'nothing can be sent or received in phase "prepare"' : undefined);
    await this.#play(run, phase);
    // Whoever left work to others is not done; after the result, nothing is of the run any more.
    const doneAt = phase === 'online' ? monotonicMs() : await settled(monotonicMs());
    this.#silence(undefined);
    const { highest: flights, highestReceived: receivedFlights } = this.#clock;
    const traffic: Partial<Record<Role, Traffic>> = {};
    await Promise.all(
      [...this.#channels].map(async ([peer, channel]) => {
        traffic[peer] = await channel.endPhase();
      }),
    );
    const endedAt = monotonicMs();
    return {
      type: 'phase-done',
      usage: {
        phase,
        doneAt,
        endedAt,
        ...this.#takeUsage(run.children),
        traffic,
        flights,
        receivedFlights,
        steps: run.steps,
      },
    };
  }

  async #play(run: Run, phase: Phase): Promise<void> {
    if (phase === 'setup') await run.party.setup?.();
    else if (phase === 'prepare') {
      if (this.#task.role !== 'helper') await run.party.prepare?.(run.items);
    } else {
      const result = await run.party.online(run.items);
      if (this.#task.role !== 'receiver') return;
      run.result = checkResult(result, this.#task.output);
    }
  }

  #silence(reason: string | undefined): void {
    for (const channel of this.#channels.values()) channel.silence(reason);
  }

  async finish(): Promise<FromParty> {
    const run = this.#run;
    this.#run = undefined;
    if (!run) return { type: 'finished', closeMs: 0, result: null };
    const from = monotonicMs();
    run.abort.abort();
    await run.party.close?.();
    return { type: 'finished', closeMs: monotonicMs() - from, result: run.result };
  }
}

/** @throws ProtocolError when the receiver returned something that is no result of this output */
function checkResult(result: unknown, output: Output): ReceiverResult {
  const expected = { intersection: 'a Uint32Array', cardinality: 'a number', threshold: 'a boolean' };
  const right =
    output.kind === 'intersection'
      ? result instanceof Uint32Array
      : typeof result === (output.kind === 'cardinality' ? 'number' : 'boolean');
  if (!right) {
    throw new ProtocolError(
      `the receiver's result for ${output.kind} must be ${expected[output.kind]}, not ${typeof result}`,
    );
  }
  // A copy: what is filled in later is not the result.
  return result instanceof Uint32Array ? result.slice() : (result as ReceiverResult);
}
