/** Control groups (version 1) with the limits of a small container. For tests; needs root. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ends what is in the groups and removes them, when the process that holds its input is gone. */
const GUARD = `
read -r line
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  for group in "$@"; do
    [ -d "$group" ] || continue
    for process in $(cat "$group/cgroup.procs"); do kill -KILL "$process"; done
    rmdir "$group"
  done
  sleep 0.2
done 2>/dev/null`;

export class ControlGroups {
  /** Where a process enters by writing its number into `cgroup.procs`. */
  readonly folders: readonly [cpu: string, memory: string];
  readonly #release: () => void;

  /** @throws Error where they cannot be had */
  constructor(name: string, limits: { readonly cpus: number; readonly memoryBytes: number }) {
    const [cpu, memory] = [`/sys/fs/cgroup/cpu/${name}`, `/sys/fs/cgroup/memory/${name}`];
    this.folders = [cpu, memory];
    // The guard comes first: whatever this process dies of, the groups go.
    const guard = spawn('sh', ['-c', GUARD, 'sh', cpu, memory], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    guard.unref();
    this.#release = () => guard.stdin.end();
    try {
      mkdirSync(cpu);
      writeFileSync(join(cpu, 'cpu.cfs_quota_us'), String(limits.cpus * 100_000));
      mkdirSync(memory);
      writeFileSync(join(memory, 'memory.limit_in_bytes'), String(limits.memoryBytes));
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** How often the system ended a process for want of memory. */
  get endedForMemory(): string {
    return (
      /oom_kill (\d+)/.exec(readFileSync(join(this.folders[1], 'memory.oom_control'), 'utf8'))?.[1] ?? '?'
    );
  }

  remove(): void {
    this.#release();
  }
}
