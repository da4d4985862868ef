/** A described program that runs: its end, its last words, what it used, and how it is ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { endedChildrenClock } from '../../machine/ended-children.ts';
import { descendantsOf } from '../../machine/processes.ts';
import { FamilyWatch } from '../../machine/watch-family.ts';

/** Of what it writes to stderr, from the end. */
const STDERR_KEPT = 4000;
/** After its end, others that it left behind may still hold its output: nobody waits longer for them. */
const OUTPUT_GRACE_MS = 500;
/** Between asking a program to end and ending it. */
const TERM_GRACE_MS = 1000;

export interface ProgramStart {
  readonly executable: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Of stdout, from its beginning. */
  readonly mostOutput: number;
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  /** Whether it wrote more to stdout than was kept. */
  readonly tooMuch: boolean;
}

export class RunningProgram {
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #watch: FamilyWatch | undefined;
  readonly #clock: (() => number | null) | null;
  readonly #cpuBefore: number;
  #stderr = '';
  readonly #stdout: Buffer[] = [];
  #stdoutBytes = 0;
  #hasEnded = false;

  private constructor(start: ProgramStart, clock: (() => number | null) | null) {
    this.#clock = clock;
    this.#cpuBefore = clock?.() ?? 0;
    // Not detached: it stays in the party's process group, and ends with it whatever happens.
    this.#child = spawn(start.executable, start.args, {
      cwd: start.folder,
      env: start.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { pid, stdout, stderr } = this.#child;
    this.#watch = pid === undefined ? undefined : new FamilyWatch(pid);
    stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    stdout?.on('data', (chunk: Buffer) => {
      this.#stdoutBytes += chunk.length;
      if (this.#stdoutBytes <= start.mostOutput) this.#stdout.push(chunk);
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', (error) => {
        this.#hasEnded = true;
        this.#watch?.stop();
        reject(new Error(`cannot start ${start.executable}: ${error.message}`, { cause: error }));
      });
      this.#child.once('exit', (code, signal) => {
        this.#hasEnded = true;
        this.#watch?.stop();
        const tell = () => {
          clearTimeout(timer);
          const tooMuch = this.#stdoutBytes > start.mostOutput;
          resolve({ code, signal, stdout: Buffer.concat(this.#stdout), tooMuch });
        };
        const timer = setTimeout(tell, OUTPUT_GRACE_MS);
        this.#child.once('close', tell);
      });
    });
    this.ended.catch(() => {});
  }

  static async start(start: ProgramStart): Promise<RunningProgram> {
    return new RunningProgram(start, await endedChildrenClock());
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The last line that it wrote to stderr, else to stdout; '' when it wrote nothing. */
  get lastLine(): string {
    const last = (text: string) =>
      text
        // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of terminals begin with one
        .replaceAll(/\u001b\[[0-9;]*m/g, '')
        .split(/[\r\n]/)
        .map((line) => line.trim())
        .filter(Boolean)
        .at(-1);
    return (last(this.#stderr) ?? last(Buffer.concat(this.#stdout.slice(-2)).toString()) ?? '').slice(0, 300);
  }

  /** Looks at its memory now: a good moment is when it has just sent something. */
  look(): void {
    if (!this.#hasEnded) this.#watch?.look();
  }

  /** What it used, once it has ended; CPU time 0 where the system does not tell exactly. */
  get usage(): { readonly cpuMs: number; readonly peakBytes: number } {
    const cpuMs = this.#clock?.() ?? null;
    return {
      cpuMs: cpuMs === null ? 0 : Math.max(0, cpuMs - this.#cpuBefore),
      peakBytes: this.#watch?.peakBytes ?? 0,
    };
  }

  /** Asks it to end, as whoever started a server does, and ends it if it does not. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), TERM_GRACE_MS);
    await this.ended.catch(() => {});
    clearTimeout(timer);
  }

  /** Ends it and all that it has started. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#hasEnded) return;
    for (const descendant of descendantsOf(pid)) {
      try {
        process.kill(descendant, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
    this.#child.kill('SIGKILL');
  }
}
