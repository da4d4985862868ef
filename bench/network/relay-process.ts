/** The relay's process, seen from the harness: started, asked, and killed in the end. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Link } from './index.ts';
import type { FromRelay, LinkCarried, ToRelay } from './relay.ts';

const RELAY_MODULE = fileURLToPath(new URL('./relay.ts', import.meta.url));
const STDERR_KEPT = 2000;

/** What a relay did since it was asked last. */
export interface RelayReading {
  readonly links: readonly LinkCarried[];
  readonly cpuMs: number;
}

export class RelayProcess {
  readonly #process: ChildProcess;
  readonly #gone: Promise<void>;
  #expected: ((message: FromRelay) => void) | undefined;
  #leaving = false;
  #stderr = '';

  /** `onDeath` is told, in words, when the process ends without having been asked to. */
  constructor(onDeath: (reason: string) => void) {
    this.#process = fork(RELAY_MODULE, [], {
      // As for parties: what the harness prints is the harness's.
      stdio: ['ignore', process.stderr, 'pipe', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    this.#process.on('message', (message: FromRelay) => this.#expected?.(message));
    this.#gone = new Promise((resolve) => {
      const end = (how: string) => {
        if (!this.#leaving) onDeath(`the network relay's process ${how}`);
        this.#leaving = true;
        resolve();
      };
      this.#process.on('error', (error) => end(`cannot start: ${error.message}`));
      this.#process.on('close', (code, signal) => {
        const said = /^\w*Error: .*$/m.exec(this.#stderr)?.[0];
        end(
          `${signal ? `was killed by ${signal}` : `ended with exit code ${code}`}${said ? `: ${said}` : ''}`,
        );
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Opens one link to each of `ports`; resolves to the ports at which they begin, in that order. */
  async open(link: Link, ports: readonly number[]): Promise<readonly number[]> {
    const answer = await this.#ask({ type: 'open', link, ports });
    if (answer.type !== 'opened') throw new Error(`the relay answered ${answer.type} to open`);
    return answer.ports;
  }

  /** What the links carried since the last reading, in the order of `open`. */
  async read(): Promise<RelayReading> {
    const answer = await this.#ask({ type: 'read' });
    if (answer.type !== 'carried') throw new Error(`the relay answered ${answer.type} to read`);
    return answer;
  }

  /** Ends the process; resolves when it is gone. */
  kill(): Promise<void> {
    this.#leaving = true;
    this.#process.kill('SIGKILL');
    return this.#gone;
  }

  /** Never settles when the process is gone: `onDeath` tells. One question at a time. */
  #ask(message: ToRelay): Promise<FromRelay> {
    return new Promise((resolve) => {
      this.#expected = resolve;
      if (this.#process.connected) this.#process.send(message, () => {});
    });
  }
}
