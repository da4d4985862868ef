/**
 * The most memory that a child process and its descendants have had resident: looked at again and again while
 * they live, since nothing of it is left when they have ended. Linux only; elsewhere it stays 0.
 */
import { readFileSync } from 'node:fs';
import { descendantsOf } from './processes.ts';

/** Peaks are the kernel's: only what comes after the last look is missed. */
const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 50;

export class FamilyWatch {
  readonly #pid: number;
  /** Peak of each process that was seen, in bytes. */
  readonly #peaks = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #waitMs = FIRST_LOOK_MS;

  constructor(pid: number) {
    this.#pid = pid;
    this.#again();
  }

  /** The sum of the peaks of all processes that were seen. */
  get peakBytes(): number {
    return [...this.#peaks.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  look(): void {
    for (const pid of [this.#pid, ...descendantsOf(this.#pid)]) {
      const bytes = peakOf(pid);
      if (bytes !== null) this.#peaks.set(pid, bytes);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #again(): void {
    this.#timer = setTimeout(() => {
      this.look();
      this.#waitMs = Math.min(LAST_LOOK_MS, this.#waitMs * 1.2);
      this.#again();
    }, this.#waitMs);
    this.#timer.unref();
  }
}

function peakOf(pid: number): number | null {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return line ? Number(line[1]) * 1024 : null;
  } catch {
    return null;
  }
}
