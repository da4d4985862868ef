/** Where launchers put their images: one folder each, gone with the enclave, or found and cleared later. */
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'psi-enclave-';

/**
 * A new folder, which only this user can open. Those of launchers that have ended without clearing up are
 * removed: of this user and in this PID namespace alone, since others' numbers mean nothing here. What
 * cannot be looked at or removed is left where it is.
 */
export function launchFolder(parent = realpathSync(tmpdir())): string {
  const namespace = pidNamespace();
  for (const name of readdirSync(parent)) {
    const [, pid, of] = /^psi-enclave-(\d+)-(\w+)-\w+$/.exec(name) ?? [];
    if (pid === undefined || of !== namespace || isRunning(Number(pid))) continue;
    const path = join(parent, name);
    try {
      const found = lstatSync(path);
      if (found.isDirectory() && found.uid === process.getuid?.())
        rmSync(path, { recursive: true, force: true });
    } catch {
      // Somebody else's, or gone meanwhile.
    }
  }
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-${namespace}-`));
}

/** Tells apart machines and containers that share a folder for temporary files. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 'none';
  } catch {
    return 'none';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
