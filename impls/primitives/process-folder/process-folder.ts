/** Temporary folders of a process: each gone with its user, or found and cleared by a later one of its kind. */
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new folder whose name begins with `kind` (letters and hyphens), which only this user can open. Those of its kind
 * whose processes have ended without clearing up are removed: of this user and in this PID namespace alone, since
 * others' numbers mean nothing here. What cannot be looked at or removed is left where it is.
 */
export function processFolder(kind: string, parent = realpathSync(tmpdir())): string {
  const ofKind = new RegExp(`^${kind}-(\\d+)-(\\w+)-\\w+$`);
  const namespace = pidNamespace();
  for (const name of readdirSync(parent)) {
    const [, pid, of] = ofKind.exec(name) ?? [];
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
  return mkdtempSync(join(parent, `${kind}-${process.pid}-${namespace}-`));
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
