/** What a person at the terminal sees while cells are measured: one line on stderr, rewritten. */
import type { Cell, Plan } from '../plan/plan.ts';
import { formatSize } from '../plan/sizes.ts';

/** Taken for a cell of which nothing is known yet, in ms. */
const UNKNOWN_CELL_MS = 2500;

export interface Progress {
  show(cell: Cell, what: string): void;
  /** One run of the cell took so long, all in all. */
  took(cell: Cell, ms: number): void;
  cellDone(cell: Cell): void;
  end(): void;
}

/** How long something may take without a word. */
const SILENT_MS = 3000;

/** Does `work`, and where it takes long says so again and again, a line each, also where no terminal is. */
export async function announced<T>(
  what: string,
  work: Promise<T>,
  say: (line: string) => void,
  everyMs = SILENT_MS,
): Promise<T> {
  const from = performance.now();
  const timer = setInterval(() => {
    say(`${what}: ${Math.round((performance.now() - from) / 1000)} s so far`);
  }, everyMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

/** Progress for nobody: stderr is not a terminal. */
export const silentProgress: Progress = { show() {}, took() {}, cellDone() {}, end() {} };

export class TerminalProgress implements Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #cells: readonly Cell[];
  readonly #open: Set<Cell>;
  readonly #costs = new Map<Cell, { runMs: number; spentMs: number }>();
  readonly #runs: number;
  readonly #timeMs: number;
  readonly #budgetMs: number;

  constructor(stream: NodeJS.WriteStream, plan: Plan) {
    this.#stream = stream;
    this.#cells = plan.blocks.flatMap(({ cells }) => cells);
    this.#open = new Set(this.#cells);
    this.#runs = plan.request.runs;
    this.#timeMs = plan.request.timeMs;
    this.#budgetMs = plan.request.budgetMs;
  }

  show(cell: Cell, what: string): void {
    const number = this.#cells.length - this.#open.size + 1;
    const { receiver, sender } = cell.sizes;
    const line = `[${Math.min(number, this.#cells.length)}/${this.#cells.length}] ${cell.located.implementation.id} ${cell.datasetName} ${formatSize(receiver)} × ${formatSize(sender)}${cell.link ? ` over ${cell.network}` : ''}: ${what}; ${this.#left()} left`;
    const width = this.#stream.columns || 80; // some terminals say 0
    this.#stream.write(`\r\x1b[K${line.slice(0, width - 1)}`);
  }

  took(cell: Cell, ms: number): void {
    const cost = this.#costs.get(cell);
    this.#costs.set(cell, { runMs: ms, spentMs: (cost?.spentMs ?? 0) + ms });
  }

  cellDone(cell: Cell): void {
    this.#open.delete(cell);
  }

  end(): void {
    this.#stream.write('\r\x1b[K');
  }

  #left(): string {
    let ms = 0;
    for (const cell of this.#open) {
      const cost = this.#costs.get(cell);
      const runMs = cost?.runMs ?? this.#guess(cell);
      const total = runMs === undefined ? UNKNOWN_CELL_MS : Math.max(this.#timeMs, (this.#runs + 1) * runMs);
      ms += Math.max(0, Math.min(total, this.#budgetMs) - (cost?.spentMs ?? 0));
    }
    const rounded = Math.ceil(ms / 1000);
    return rounded < 90 ? `about ${rounded} s` : `about ${Math.round(rounded / 60)} min`;
  }

  /** From the largest cell of the same series that has run, in proportion to its size. */
  #guess(cell: Cell): number | undefined {
    let guess: number | undefined;
    for (const [known, { runMs }] of this.#costs) {
      if (known.series !== cell.series || known.network !== cell.network) continue;
      const ratio =
        (cell.sizes.receiver + cell.sizes.sender) / (known.sizes.receiver + known.sizes.sender || 1);
      guess = runMs * Math.max(1, ratio);
    }
    return guess;
  }
}
