/** CPU time and peak memory of this process, from one point in time to another. */
import { readFileSync, writeFileSync } from 'node:fs';

export interface Usage {
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  /** Null where the operating system does not tell the peak of a period. */
  readonly peakBytes: number | null;
}

/** Whether the peak can be reset, so that each phase has its own: Linux, `/proc/self/clear_refs`. */
export const peakIsResettable = resetPeak();

function resetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

function peakBytes(): number | null {
  if (!peakIsResettable) return null;
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'));
  return line ? Number(line[1]) * 1024 : null;
}

/** Starts counting. CPU time is that of the whole process, all its threads. */
export class UsageMeter {
  #cpu = process.cpuUsage();

  /** Begins a new period. */
  reset(): void {
    resetPeak();
    this.#cpu = process.cpuUsage();
  }

  /**
   * CPU time counts from now: what was used since the period began, waiting for others and for messages, is
   * nobody's work. The peak of memory stays: resetting it takes the kernel a while.
   */
  beginWork(): void {
    this.#cpu = process.cpuUsage();
  }

  /** CPU time of the period so far; take it first, reading the peak costs some itself. */
  read(): Usage {
    const cpu = process.cpuUsage(this.#cpu);
    return { cpuUserMs: cpu.user / 1000, cpuSystemMs: cpu.system / 1000, peakBytes: peakBytes() };
  }
}
