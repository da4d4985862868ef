/**
 * Measures the cells of a plan, block by block. Within a block the implementations take turns, run by
 * run, in an order shuffled anew each round, so that drift of the machine meets them alike. Every run
 * is appended to the record as it happens.
 */
import { setMaxListeners } from 'node:events';
import { expectedIntersection } from '../../datasets/dataset.ts';
import { sampleLoad, totalLoad, watchForeign } from '../machine/foreign-load.ts';
import { sampleX25519 } from '../machine/yardstick.ts';
import type { LinkReading } from '../network/links.ts';
import type { Peer } from '../peer/peer.ts';
import { type Observation, predictWallMs } from '../plan/estimate.ts';
import { type Block, type Cell, obstacleOf, type Plan } from '../plan/plan.ts';
import type { Environment, NetworkFacts } from '../record/environment.ts';
import type { FailedSample, Mode, OkSample, RecordWriter, Sample } from '../record/samples.ts';
import { median, mulberry32 } from '../statistics/stats.ts';
import { CellState } from './cell-state.ts';
import { groupsThatFit } from './groups.ts';
import { hiddenFlights } from './hidden-flights.ts';
import { failedSample, measure, START_TIMEOUT_MS, startParties } from './one-run.ts';
import type { Parties, PlayFailure } from './parties.ts';
import type { Progress } from './progress.ts';
import { type Player, shuffled, takeTurns } from './turns.ts';

const YARDSTICK_EVERY_MS = 1000;
/** For so long nothing is done but to watch what else runs, before processes are started. */
const LOAD_MS = 150;
const LOAD_EVERY_MS = 5000;
export interface SweepOptions {
  readonly plan: Plan;
  readonly run: string;
  readonly writer: RecordWriter;
  /** Rows of an interrupted run that is continued. */
  readonly earlier: readonly Sample[];
  /** The networks as calibrated, by name: what runs are held against. */
  readonly networks?: Readonly<Record<string, NetworkFacts>>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The host that plays the sender; none: this one. */
  readonly peer?: Peer | null;
  /** Watches what others use of the machine; another one for tests, which never have it to themselves. */
  readonly watchForeign?: typeof watchForeign;
}

export class Sweep {
  readonly #options: SweepOptions;
  readonly #random: () => number;
  readonly #observations: Observation[] = [];
  readonly #failed: Sample[] = [];
  readonly #states: CellState[] = [];
  readonly #carried = new Map<string, { bytes: number; lateBytes: number }>();
  #yardstickAt = -Infinity;
  readonly #foreignShares: number[] = [];
  #load: { readonly at: number; readonly shares: readonly number[] } | null = null;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#random = mulberry32(
      Buffer.from(options.plan.request.seed).reduce((sum, byte) => sum * 31 + byte, 7),
    );
    for (const sample of options.earlier) {
      const cell = options.plan.blocks
        .flatMap(({ cells }) => cells)
        .find(({ id }) => sample.cell === `${id}/${sample.mode}`);
      if (cell && sample.outcome === 'ok') this.#observations.push(observationOf(cell, sample));
    }
    setMaxListeners(0, options.signal); // the parties of every cell listen
  }

  /** Measures everything; resolves to the rows of the runs that failed. */
  async run(): Promise<readonly Sample[]> {
    for (const block of this.#options.plan.blocks) {
      if (this.#options.signal.aborted) break;
      await this.#block(block);
    }
    return this.#failed;
  }

  async #block(block: Block): Promise<void> {
    const states: CellState[] = [];
    for (const cell of block.cells) {
      const { run, earlier, plan } = this.#options;
      const predicted = predictWallMs(cell, this.#observations);
      const state = new CellState(cell, { request: plan.request, run, earlier }, predicted);
      this.#states.push(state);
      if (!state.wantsExecution) this.#options.progress.cellDone(cell);
      else if (await this.#mayRun(state)) states.push(state);
    }
    if (states.length === 0) return;
    const expected = block.expected ?? (await expectedIntersection(block.dataset));
    for (const group of groupsThatFit(states)) {
      if (this.#options.signal.aborted) return;
      await this.#group(group, expected);
    }
  }

  async #mayRun(state: CellState): Promise<boolean> {
    const obstacle = await obstacleOf(state.cell);
    const { budgetMs } = this.#options.plan.request;
    const predicted = state.estimateMs;
    if (obstacle) {
      this.#giveUp(state, obstacle);
    } else if (predicted !== null && predicted > budgetMs) {
      const reason = `one run is predicted to take ${seconds(predicted)}, more than the budget of ${seconds(budgetMs)} per cell: raise --budget`;
      this.#giveUp(state, { outcome: 'skipped', reason });
    } else {
      return true;
    }
    this.#options.progress.cellDone(state.cell);
    return false;
  }

  /** Measures some cells of one block, in one execution after the other, until each has enough. */
  async #group(states: readonly CellState[], expected: Uint32Array): Promise<void> {
    try {
      for (;;) {
        const wanting = states.filter((state) => state.wantsExecution);
        if (this.#options.signal.aborted) return;
        if (wanting.length === 0) break;
        await this.#sampleLoad();
        await this.#execution(wanting, expected);
      }
      for (const state of states) this.#checkFlights(state);
      for (const state of states) {
        if (state.ended || state.untried.length === 0) continue;
        const reason = `a run takes ${seconds(state.lastMs)}: the budget of ${seconds(this.#options.plan.request.budgetMs)} per cell leaves no room for warm ones: raise --budget`;
        this.#giveUp(state, { outcome: 'skipped', reason });
      }
    } finally {
      for (const { cell } of states) this.#options.progress.cellDone(cell);
    }
  }

  /** Flights from above: a cell of whose runs none was as quick as it should have been is broken. */
  #checkFlights(state: CellState): void {
    const { link } = state.cell;
    if (!link || state.ended || this.#options.peer) return;
    const reason = hiddenFlights(state.unexplainedMs, link, Math.max(0, ...this.#foreignShares));
    if (reason === null) return;
    for (const mode of state.modes) {
      const circumstances = state.circumstances(mode, false, null);
      this.#append(state, failedSample(state.cell, circumstances, { outcome: 'broken', reason }));
    }
  }

  /** Fresh processes for each cell: first runs, warm-up, and warm runs in turn. */
  async #execution(states: readonly CellState[], expected: Uint32Array): Promise<void> {
    const started = new Map<CellState, Parties>();
    const { signal, progress, peer } = this.#options;
    const foreign = (this.#options.watchForeign ?? watchForeign)();
    try {
      for (const state of states) {
        if (signal.aborted) return;
        progress.show(state.cell, 'starting');
        const parties = await startParties(state.cell, START_TIMEOUT_MS, signal, peer);
        if ('outcome' in parties) this.#giveUp(state, parties);
        else started.set(state, parties);
      }
      const order = shuffled([...started], this.#random);
      for (const [state, parties] of order) {
        state.beginExecution();
        await this.#first(state, parties, expected);
      }
      for (const [state, parties] of order) await this.#warmUp(state, parties, expected);
      const active = order.filter(([state]) => state.wantsWarm);
      await takeTurns(
        active.map(([state, parties]) => this.#player(state, parties, expected)),
        this.#random,
        signal,
      );
      for (const [state] of order) state.endExecution();
    } finally {
      await Promise.all([...started.values()].map((parties) => parties.dismiss()));
      const share = foreign();
      if (share !== null) this.#foreignShares.push(share);
    }
  }

  /** The first run of fresh processes: the one-shot run, or where only warm ones are asked for, a warm-up. */
  async #first(state: CellState, parties: Parties, expected: Uint32Array): Promise<void> {
    const { mode, warmup } = state.first;
    if (!(await this.#once(state, parties, expected, mode, warmup))) return;
    const { budgetMs } = this.#options.plan.request;
    if (state.wantsWarm || mode !== 'warm' || state.lastMs <= budgetMs) return;
    const reason = `the first run took ${seconds(state.lastMs)}, more than the budget of ${seconds(budgetMs)} per cell: raise --budget`;
    this.#giveUp(state, { outcome: 'skipped', reason });
  }

  async #warmUp(state: CellState, parties: Parties, expected: Uint32Array): Promise<void> {
    while (state.wantsWarmup) {
      if (!(await this.#once(state, parties, expected, 'warm', true))) return;
    }
  }

  /** A cell's warm runs: an execution's share of the runs and of the time that are asked for, within the budget. */
  #player(state: CellState, parties: Parties, expected: Uint32Array): Player {
    const { runs, timeMs } = state.share;
    let goesOn = true;
    return {
      name: state.cell.id,
      wants: (turns, spentMs) => goesOn && (turns < runs || spentMs < timeMs),
      play: async () => {
        goesOn = await this.#once(state, parties, expected, 'warm', false);
      },
    };
  }

  /** Plays and records one run. False when the cell is at its end. */
  async #once(
    state: CellState,
    parties: Parties,
    expected: Uint32Array,
    mode: Mode,
    warmup: boolean,
  ): Promise<boolean> {
    const { progress, plan, networks, signal } = this.#options;
    if (signal.aborted) return false;
    progress.show(state.cell, warmup ? 'warming up' : `run ${state.measured + 1}`);
    const yardsticks = this.#yardstick();
    const from = performance.now();
    const circumstances = state.circumstances(mode, warmup, yardsticks);
    const measured = await measure(
      parties,
      state.cell,
      expected,
      plan.request.timeoutMs,
      circumstances,
      networks?.[state.cell.network],
    );
    if (signal.aborted) return false;
    const { sample } = measured;
    if (sample.outcome !== 'ok') {
      this.#append(state, sample);
      this.#giveUp(state, sample);
      return false;
    }
    this.#options.writer.append(sample, 'parties' in measured ? measured.parties : []);
    if ('carried' in measured && measured.carried) this.#count(state.cell.network, measured.carried);
    state.took(mode, performance.now() - from, sample.wallMs, warmup);
    if ('unexplainedMs' in measured && measured.unexplainedMs !== null) {
      state.unexplainedMs.push(measured.unexplainedMs);
    }
    this.#observations.push(observationOf(state.cell, sample));
    progress.took(state.cell, state.lastMs);
    return true;
  }

  #count(network: string, carried: readonly LinkReading[]): void {
    const total = this.#carried.get(network) ?? { bytes: 0, lateBytes: 0 };
    for (const { bytes, lateBytes } of carried) {
      total.bytes += bytes;
      total.lateBytes += lateBytes;
    }
    this.#carried.set(network, total);
  }

  /** By network: the share of all bytes that left a shaped link more than 1 ms after they were due. */
  get lateShares(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#carried].map(([network, { bytes, lateBytes }]) => [network, lateBytes / Math.max(1, bytes)]),
    );
  }

  /** Cells that are less precise than asked, with half the interval that they have (null: none at all). */
  get unsure(): readonly { cell: Cell; runs: number; halfWidth: number | null }[] {
    if (this.#options.plan.request.precision === null) return [];
    return this.#states
      .filter((state) => !state.ended && !state.isPrecise)
      .map(({ cell, measured, halfWidth }) => ({ cell, runs: measured, halfWidth }));
  }

  /** The busiest that the cores were while nothing of ours ran: shares of 1 by core; null without a sample. */
  get foreignLoad(): readonly number[] | null {
    return this.#load?.shares ?? null;
  }

  /** What others used of the machine during the executions, as shares of all cores; null without any. */
  get foreignDuring(): NonNullable<Environment['foreignDuring']> | null {
    const shares = this.#foreignShares;
    return shares.length === 0 ? null : { median: median(shares), highest: Math.max(...shares) };
  }

  async #sampleLoad(): Promise<void> {
    if (this.#load && performance.now() - this.#load.at < LOAD_EVERY_MS) return;
    const sampled = await sampleLoad(LOAD_MS);
    const cores = this.#options.plan.request.cpus;
    const own = cores ? cores.map((core) => sampled[core] ?? 0) : sampled;
    const worst = this.#load && totalLoad(this.#load.shares) > totalLoad(own) ? this.#load.shares : own;
    this.#load = { at: performance.now(), shares: worst };
  }

  /** Records why a cell ends, in every mode in which it has no figure. */
  #giveUp(state: CellState, failure: PlayFailure): void {
    for (const mode of state.untried) {
      this.#append(state, failedSample(state.cell, state.circumstances(mode, false, null), failure));
    }
    state.ended = true;
  }

  #append(state: CellState, sample: FailedSample): void {
    if (this.#options.signal.aborted) return;
    this.#options.writer.append(sample);
    this.#failed.push(sample);
    state.failed(sample.mode);
  }

  #yardstick(): { x25519Us: number } | null {
    if (performance.now() - this.#yardstickAt < YARDSTICK_EVERY_MS) return null;
    const x25519Us = sampleX25519();
    this.#yardstickAt = performance.now();
    return { x25519Us };
  }
}

function observationOf(cell: Cell, sample: OkSample): Observation {
  const { wallMs, flights, receiverSentBytes, senderSentBytes, helperSentBytes } = sample;
  return { cell, wallMs, flights, sentBytes: [receiverSentBytes, senderSentBytes, helperSentBytes ?? 0] };
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(2))} s`;
}
