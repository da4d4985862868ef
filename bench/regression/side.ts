/** The measuring process of one revision, as `bench ab` sees it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UsageError } from '../errors.ts';
import {
  type Answer,
  type Hello,
  type Measurement,
  PAIR_PROTOCOL,
  type Question,
  type ServedCell,
} from './protocol.ts';

/** A cell that cannot be measured any further, and why. */
export class CellFailure extends Error {
  override name = 'CellFailure';
  /** Whose failure it is. */
  readonly side: Side;

  constructor(side: Side, message: string) {
    super(message);
    this.side = side;
  }
}

export class Side {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #gone: Promise<void>;
  #stderr = '';

  private constructor(name: string, cli: string, words: readonly string[]) {
    this.name = name;
    this.#process = spawn(process.execPath, [cli, 'serve-pairs', ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process.stdin!.on('error', () => {}); // it is gone, which the missing answer says
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000);
    });
    this.#gone = new Promise((resolve) => {
      this.#process.once('error', () => resolve());
      this.#process.once('close', () => resolve());
    });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /**
   * Starts the command line `cli` of a revision called `name`.
   * @throws UsageError when it knows no pairs, or refuses the flags `words`
   */
  static async start(
    name: string,
    cli: string,
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<Side> {
    const side = new Side(name, cli, words);
    signal.addEventListener('abort', () => side.kill(), { once: true });
    const hello = await side.#next();
    if (hello === null) {
      await side.#gone;
      throw new UsageError(`revision ${name} cannot be measured: ${side.#lastWords()}`);
    }
    const { benchPairs } = JSON.parse(hello) as Hello;
    if (benchPairs !== PAIR_PROTOCOL) {
      side.kill();
      throw new UsageError(
        `revision ${name} speaks version ${benchPairs} of the pair protocol, this one ${PAIR_PROTOCOL}: use the bench ab of that revision`,
      );
    }
    return side;
  }

  async cells(): Promise<readonly ServedCell[]> {
    return ((await this.#ask({ do: 'cells' })) as { cells: readonly ServedCell[] }).cells;
  }

  /** Starts and warms a cell. @throws CellFailure */
  async open(cell: string): Promise<{ readonly cpuMs: number }> {
    return ((await this.#ask({ do: 'open', cell })) as { opened: { cpuMs: number } }).opened;
  }

  /** @throws CellFailure */
  async measure(runs: number): Promise<Measurement> {
    return ((await this.#ask({ do: 'measure', runs })) as { measured: Measurement }).measured;
  }

  async close(): Promise<void> {
    await this.#ask({ do: 'close' });
  }

  /** Lets it leave by itself, and sees that it does. */
  async dismiss(): Promise<void> {
    this.#process.stdin!.end();
    const timer = setTimeout(() => this.kill(), 5000);
    await this.#gone;
    clearTimeout(timer);
  }

  /** Its parties end when it does. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async #ask(question: Question): Promise<Answer> {
    this.#process.stdin!.write(`${JSON.stringify(question)}\n`);
    const line = await this.#next();
    if (line === null) {
      throw new CellFailure(this, `the measuring process of ${this.name} is gone: ${this.#lastWords()}`);
    }
    const answer = JSON.parse(line) as Answer;
    if ('failure' in answer) {
      throw new CellFailure(this, `${answer.failure.outcome} at ${this.name}: ${answer.failure.reason}`);
    }
    return answer;
  }

  async #next(): Promise<string | null> {
    const { value, done } = await this.#lines.next();
    return done ? null : value;
  }

  #lastWords(): string {
    return (
      this.#stderr
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^bench: /, '') || 'it said nothing'
    );
  }
}
