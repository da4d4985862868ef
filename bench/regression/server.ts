/** The measuring process of one revision, see `protocol.ts`. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { metricNamed } from '../compare/metrics.ts';
import { messageOf } from '../errors.ts';
import { predictWallMs } from '../plan/estimate.ts';
import { type Cell, obstacleOf, type Plan } from '../plan/plan.ts';
import type { OkSample } from '../record/samples.ts';
import { type Answer, PAIR_PROTOCOL, type Question, type ServedCell } from './protocol.ts';
import { WarmCell } from './warm-cell.ts';

/** Answers questions from `input` until it ends; then nothing of it is left. */
export async function servePairs(plan: Plan, input: Readable, output: Writable): Promise<void> {
  const stop = new AbortController();
  const server = new PairServer(plan, stop.signal);
  const say = (message: object) => output.write(`${JSON.stringify(message)}\n`);
  // Whoever asked is gone: nobody is left to play for.
  input.once('end', () => stop.abort());
  say({ benchPairs: PAIR_PROTOCOL });
  try {
    for await (const line of createInterface({ input })) {
      say(await server.answer(JSON.parse(line) as Question).catch(failed));
    }
  } finally {
    await server.close();
  }
}

function failed(error: unknown): Answer {
  return { failure: { outcome: 'broken', reason: messageOf(error) } };
}

class PairServer {
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #plan: Plan;
  readonly #signal: AbortSignal;
  #open: WarmCell | undefined;

  constructor(plan: Plan, signal: AbortSignal) {
    this.#plan = plan;
    this.#signal = signal;
    this.#cells = new Map(plan.blocks.flatMap(({ cells }) => cells.map((cell) => [cell.id, cell])));
  }

  async answer(question: Question): Promise<Answer> {
    switch (question.do) {
      case 'cells':
        return { cells: await Promise.all([...this.#cells.values()].map((cell) => this.#served(cell))) };
      case 'open':
        return this.#start(question.cell);
      case 'measure':
        return this.#measure(question.runs);
      case 'close':
        await this.close();
        return { closed: true };
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
  }

  async #served(cell: Cell): Promise<ServedCell> {
    const { budgetMs } = this.#plan.request;
    const predicted = predictWallMs(cell, []);
    let obstacle = await obstacleOf(cell);
    if (!obstacle && predicted !== null && predicted > budgetMs) {
      const reason = `one run is predicted to take ${Math.round(predicted / 1000)} s, more than the budget of ${budgetMs / 1000} s: raise --budget`;
      obstacle = { outcome: 'skipped', reason };
    }
    return { cell: cell.id, obstacle };
  }

  async #start(id: string): Promise<Answer> {
    await this.close();
    const cell = this.#cells.get(id);
    if (!cell) throw new Error(`this revision has no cell ${id}`);
    const warm = await WarmCell.start(cell, this.#plan.request.timeoutMs, this.#signal);
    if ('outcome' in warm) return { failure: { outcome: warm.outcome, reason: warm.reason } };
    this.#open = warm;
    return { opened: { cpuMs: warm.lastCpuMs } };
  }

  async #measure(runs: number): Promise<Answer> {
    const open = this.#open;
    if (!open) throw new Error('no cell is open');
    let [cpuMs, wallMs] = [0, 0];
    let last: OkSample | undefined;
    for (let run = 0; run < runs; run++) {
      const sample = await open.run();
      if (sample.outcome !== 'ok') return { failure: { outcome: sample.outcome, reason: sample.reason } };
      cpuMs += metricNamed('cpu').of(sample)!;
      wallMs += sample.wallMs;
      last = sample;
    }
    if (!last) throw new Error('a measurement is of one run at least');
    const { messages, flights } = last;
    return { measured: { cpuMs, wallMs, bytes: metricNamed('bytes').of(last)!, messages, flights } };
  }
}
