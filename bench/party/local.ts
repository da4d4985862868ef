/** A party's process, seen from the harness: started, asked, and gone in the end. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Role } from '../contract.ts';
import { messageOf } from '../errors.ts';
import { leaveGroup, watchGroup } from '../machine/guard.ts';
import { groupMembers } from '../machine/processes.ts';
import type { Failure } from '../record/samples.ts';
import { type CompiledCode, compiledCode, PARTY_ARGUMENTS } from './compiled-code.ts';
import type { FromParty, ToParty } from './messages.ts';

const PARTY_MODULE = fileURLToPath(new URL('./process.ts', import.meta.url));
/**
 * Node frees and allocates message buffers all the time. Left alone, glibc gives each back to the
 * system and has the kernel clear it anew: a good part of a bulk transfer's time. So it may keep 64 MiB.
 * (Other allocators do not know these variables.)
 */
export const PARTY_ENVIRONMENT: NodeJS.ProcessEnv = {
  MALLOC_MMAP_THRESHOLD_: String(4 << 20),
  MALLOC_TRIM_THRESHOLD_: String(64 << 20),
};
const STDERR_KEPT = 4000;

export interface PlayFailure {
  readonly outcome: Failure;
  readonly reason: string;
}

/** How a party failed. */
export interface PartyFailure extends PlayFailure {
  /** How near this is to the root of the trouble: the highest is reported. */
  readonly weight: number;
}

/** A handle of one party, wherever its process runs. It tells of its end through a callback of its own. */
export interface PartyHandle {
  /** The process's id, when it runs on this host. */
  readonly pid: number | undefined;
  /** What it was last asked to do, for the message of a timeout. */
  readonly doing: string;
  /** Sends `message`; resolves with the answer of type `answer`, never when the party fails instead. */
  ask<Type extends FromParty['type']>(
    message: ToParty,
    answer: Type,
  ): Promise<Extract<FromParty, { type: Type }>>;
  /** Asks it to leave, and kills it if it does not; resolves when it is gone. */
  dismiss(): Promise<void>;
  kill(): void;
}

/** A party's process on this host. */
export class LocalParty implements PartyHandle {
  readonly #role: Role;
  readonly #process: ChildProcess;
  readonly #code: CompiledCode | null;
  #stderr = '';
  /** What it was last asked to do, for the message of a timeout. */
  #doing = 'starting';
  #expected: { type: FromParty['type']; resolve(message: FromParty): void } | undefined;
  #saidWhy = false;
  readonly #gone: Promise<void>;

  /**
   * @param module of the implementation that it will be asked to open
   * @param environment what its process finds in its environment beside what every party does
   */
  constructor(
    role: Role,
    module: string,
    report: (failure: PartyFailure) => void,
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.#role = role;
    this.#code = compiledCode(module);
    this.#process = fork(PARTY_MODULE, [], {
      serialization: 'advanced',
      env: {
        ...process.env,
        ...PARTY_ENVIRONMENT,
        ...this.#code?.environment,
        ...environment,
      },
      execArgv: [...PARTY_ARGUMENTS],
      // A party's console.log must not end up in the middle of the harness's --json.
      stdio: ['ignore', process.stderr, 'pipe', 'ipc'],
      // At the head of a process group: whatever it starts can be found, and ended with it.
      detached: true,
    });
    if (this.#process.pid !== undefined) watchGroup(this.#process.pid);
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    this.#process.on('message', (message: FromParty) => {
      if (message.type === 'failed') {
        this.#saidWhy = true;
        report(failureOf(role, message));
      } else if (this.#expected?.type === message.type) {
        const { resolve } = this.#expected;
        this.#expected = undefined;
        this.#doing = 'done';
        resolve(message);
      }
    });
    this.#gone = new Promise((resolve) => {
      this.#process.on('error', (error) => {
        report({
          outcome: 'died',
          reason: `the ${role}'s process cannot start: ${messageOf(error)}`,
          weight: 4,
        });
        resolve();
      });
      // 'close', not 'exit': only then has everything that it wrote to stderr arrived.
      this.#process.on('close', (code, signal) => {
        if (!this.#saidWhy) report(this.#death(code, signal));
        this.#endGroup();
        this.#code?.restore();
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get doing(): string {
    return this.#doing;
  }

  /** Sends `message`; resolves with the answer of type `answer`, never when the process fails instead. */
  async ask<Type extends FromParty['type']>(
    message: ToParty,
    answer: Type,
  ): Promise<Extract<FromParty, { type: Type }>> {
    this.#doing = message.type === 'phase' ? message.phase : message.type;
    if (message.type === 'open') await this.#code?.ready;
    return new Promise((resolve) => {
      this.#expected = { type: answer, resolve: resolve as (message: FromParty) => void };
      if (this.#process.connected) this.#process.send(message, () => {});
    });
  }

  async dismiss(): Promise<void> {
    if (this.#process.connected) this.#process.send({ type: 'quit' } satisfies ToParty, () => {});
    const timer = setTimeout(() => this.kill(), 2000);
    await this.#gone;
    clearTimeout(timer);
  }

  kill(): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#signalGroup();
  }

  /** The party is gone: what it left behind goes too. */
  #endGroup(): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    if (groupMembers(pid).length > 0) this.#signalGroup();
    leaveGroup(pid);
  }

  #signalGroup(): void {
    const { pid } = this.#process;
    try {
      // A group's number is its leader's, with a minus; without groups the process alone must do.
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      this.#process.kill('SIGKILL');
    }
  }

  #death(code: number | null, signal: NodeJS.Signals | null): PartyFailure {
    const last = this.#stderr.trim().split('\n').filter(Boolean).at(-1) ?? '';
    if (/heap out of memory|Allocation failed/.test(this.#stderr)) {
      return {
        outcome: 'memory',
        reason: `the ${this.#role} ran out of memory during ${this.#doing}`,
        weight: 5,
      };
    }
    const how = signal
      ? `was killed by ${signal}${signal === 'SIGKILL' ? ' (by hand, or by the system for want of memory)' : ''}`
      : `ended with exit code ${code}`;
    return {
      outcome: 'died',
      reason: `the ${this.#role}'s process ${how} during ${this.#doing}${last ? `: ${last}` : ''}`,
      weight: 4,
    };
  }
}

/** What a party says of its own end. */
export function failureOf(
  role: Role,
  { during, reason, cause }: Extract<FromParty, { type: 'failed' }>,
): PartyFailure {
  const said = `the ${role} failed during ${during}: ${reason}`;
  switch (cause) {
    case 'memory':
      return { outcome: 'memory', reason: said, weight: 5 };
    case 'contract':
      return { outcome: 'broken', reason: said, weight: 3 };
    case 'error':
      return { outcome: 'died', reason: said, weight: 3 };
    case 'peer-gone':
      return { outcome: 'died', reason: said, weight: 1 };
  }
}
