/** How far a cell has come in a sweep, and when it has enough. */
import type { Cell } from '../plan/plan.ts';
import type { RunRequest } from '../plan/request.ts';
import { formatOptions, type Mode, type Sample } from '../record/samples.ts';
import { centre, centreInterval, confidenceOfLook, LOOKS } from '../statistics/executions.ts';
import { relativeHalfWidth } from '../statistics/stats.ts';
import type { Circumstances } from './one-run.ts';
import { isWarm } from './warm-up.ts';

/** The confidence that `--precision` speaks of. */
const CONFIDENCE = 0.95;

/** What was measured of a cell in one mode. */
interface ModeState {
  /** The cell's name in the record. */
  readonly id: string;
  /** Wall times that count, by execution. */
  readonly walls: Map<number, number[]>;
  /** Number of the next run. */
  sample: number;
  /** Whether a row says that it came to nothing. */
  failed: boolean;
}

export class CellState {
  readonly cell: Cell;
  readonly estimateMs: number | null;
  /** Whether nothing more is to be had: a run failed, or none can be made. */
  ended: boolean;
  spentMs = 0;
  /** What the last run took in all, and what of it was measured. */
  lastMs = 0;
  lastWallMs = 0;
  /** What of each run over a shaped network nothing explained, in ms. */
  readonly unexplainedMs: number[] = [];
  readonly #run: string;
  readonly #request: RunRequest;
  readonly #modes: ReadonlyMap<Mode, ModeState>;
  /** Number of the execution that is going on, or of the next one. */
  #execution: number;
  #runsHere = 0;
  #spentHere = 0;
  /** Numbers runs over all modes and executions: each has items of its own. */
  #play: number;

  /** `earlier`: the rows of an interrupted run that is continued. */
  constructor(
    cell: Cell,
    { request, run, earlier }: { request: RunRequest; run: string; earlier: readonly Sample[] },
    estimateMs: number | null,
  ) {
    this.cell = cell;
    this.estimateMs = estimateMs;
    this.#run = run;
    this.#request = request;
    const states = request.modes.map((mode) => [mode, restored(`${cell.id}/${mode}`, earlier)] as const);
    this.#modes = new Map(states);
    const ids = new Set(states.map(([, { id }]) => id));
    const mine = earlier.filter((sample) => ids.has(sample.cell));
    this.#play = mine.length;
    this.#execution = mine.reduce((next, { execution }) => Math.max(next, execution + 1), 0);
    this.ended = states.some(([, { failed }]) => failed);
    for (const sample of mine) {
      if (sample.outcome !== 'ok') continue;
      this.spentMs += sample.wallMs;
      this.lastMs = sample.wallMs;
    }
  }

  /** Runs that count so far, over all modes and executions. */
  get measured(): number {
    return this.#all.reduce((sum, { walls }) => sum + [...walls.values()].flat().length, 0);
  }

  get #all(): readonly ModeState[] {
    return [...this.#modes.values()];
  }

  /** Whether another set of processes is to be started. */
  get wantsExecution(): boolean {
    const { budgetMs, executions, precision } = this.#request;
    if (this.ended) return false;
    if (this.#execution === 0) return true;
    const firstMs = this.spentMs / this.#execution;
    if (this.spentMs + Math.min(firstMs, this.lastMs) > budgetMs) return false;
    if (this.#execution < executions) return true;
    if (precision === null || this.isPrecise) return false;
    return this.#execution < (LOOKS.at(-1) ?? 0) && this.measured < precision.maxRuns;
  }

  /** What an execution may take: an even share of what is left of the budget. */
  get #allowanceMs(): number {
    const left = Math.max(1, this.#request.executions - this.#execution);
    return (this.#request.budgetMs - this.spentMs + this.#spentHere) / left;
  }

  beginExecution(): void {
    this.#runsHere = 0;
    this.#spentHere = 0;
  }

  endExecution(): void {
    this.#execution++;
  }

  /** How the first run of an execution counts: its processes are fresh. */
  get first(): { readonly mode: Mode; readonly warmup: boolean } {
    return this.#modes.has('one-shot') ? { mode: 'one-shot', warmup: false } : { mode: 'warm', warmup: true };
  }

  /** Whether warm runs are asked for, and another one can be afforded in this execution. */
  get wantsWarm(): boolean {
    return !this.ended && this.#modes.has('warm') && this.#leftHereMs >= this.lastMs;
  }

  /** Whether the processes are to be warmed by one more run before runs count. */
  get wantsWarmup(): boolean {
    if (!this.wantsWarm || isWarm(this.#runsHere, this.#spentHere)) return false;
    // It must not eat what the measured runs need.
    return this.#spentHere + this.lastMs <= this.#allowanceMs / 3;
  }

  /** How many warm runs this execution is to have at least, and for how long: its share of the whole. */
  get share(): { readonly runs: number; readonly timeMs: number } {
    const { executions, runs, timeMs, precision } = this.#request;
    const asked = Math.ceil(runs / executions);
    const affordable = Math.max(1, Math.floor(this.#leftHereMs / Math.max(this.lastMs, 0.001)));
    if (precision !== null || affordable <= asked) {
      return { runs: Math.min(asked, affordable), timeMs: 0 };
    }
    return { runs: asked, timeMs: Math.min(timeMs / executions, this.#leftHereMs) };
  }

  get #leftHereMs(): number {
    return this.#allowanceMs - this.#spentHere;
  }

  /**
   * Whether the intervals of all modes are as tight as asked at the last look; false where no precision
   * is asked for.
   */
  get isPrecise(): boolean {
    const { precision } = this.#request;
    const halfWidth = this.halfWidth;
    return precision !== null && halfWidth !== null && halfWidth <= precision.share;
  }

  /** Half the widest mode's interval at the last look, relative to its centre; null before the first look. */
  get halfWidth(): number | null {
    const widths = this.#all.map(({ walls }) => {
      const all = [...walls.values()];
      const look = LOOKS.findLast((count) => count <= all.length);
      if (look === undefined) return null;
      const seen = all.slice(0, look);
      return relativeHalfWidth(centreInterval(seen, confidenceOfLook(CONFIDENCE)), centre(seen));
    });
    return widths.reduce(
      (widest, width) => (widest === null || width === null ? null : Math.max(widest, width)),
      0,
    );
  }

  circumstances(mode: Mode, warmup: boolean, yardsticks: { x25519Us: number } | null): Circumstances {
    return {
      run: this.#run,
      ...{ mode, execution: this.#execution, warmup },
      sample: this.#of(mode).sample,
      play: this.#play,
      optionsText: formatOptions(this.cell.options),
      estimateMs: this.estimateMs,
      yardsticks,
    };
  }

  took(mode: Mode, totalMs: number, wallMs: number, warmup: boolean): void {
    const state = this.#of(mode);
    state.sample++;
    this.#play++;
    this.#runsHere++;
    this.#spentHere += totalMs;
    this.spentMs += totalMs;
    this.lastMs = totalMs;
    this.lastWallMs = wallMs;
    if (warmup) return;
    const walls = state.walls.get(this.#execution) ?? [];
    walls.push(wallMs);
    state.walls.set(this.#execution, walls);
  }

  /** The modes that are asked for. */
  get modes(): readonly Mode[] {
    return [...this.#modes.keys()];
  }

  /** Modes in which nothing has been measured: what comes to nothing before that has no figure in them. */
  get untried(): readonly Mode[] {
    return [...this.#modes].flatMap(([mode, { walls, failed }]) =>
      walls.size === 0 && !failed ? [mode] : [],
    );
  }

  /** A row says that runs of this mode came to nothing. */
  failed(mode: Mode): void {
    this.#of(mode).failed = true;
    this.#of(mode).sample++;
    this.ended = true;
  }

  #of(mode: Mode): ModeState {
    const state = this.#modes.get(mode);
    if (state === undefined) throw new Error(`mode ${mode} was not asked for`);
    return state;
  }
}

function restored(id: string, earlier: readonly Sample[]): ModeState {
  const mine = earlier.filter((sample) => sample.cell === id);
  const walls = new Map<number, number[]>();
  for (const sample of mine) {
    if (sample.outcome !== 'ok' || sample.warmup) continue;
    walls.set(sample.execution, [...(walls.get(sample.execution) ?? []), sample.wallMs]);
  }
  return {
    id,
    walls,
    sample: mine.reduce((next, { sample }) => Math.max(next, sample + 1), 0),
    failed: mine.some(({ outcome }) => outcome !== 'ok'),
  };
}
