/** One run at a time writes a record: a file in its folder says who, until it is done or dead. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RecordError } from './csv-table.ts';

const FILE = 'running.lock';

/**
 * Takes the lock of the record in `dir`; what it gives back leaves it again.
 * @throws {RecordError} when a process that lives has it
 */
export function lockRecord(dir: string): () => void {
  const path = join(dir, FILE);
  // The name of the machine is hidden: records tell nothing of where they were made.
  const mine = `${process.pid} ${Buffer.from(hostname()).toString('base64')}`;
  for (;;) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, mine);
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(path);
    if (holder !== null && isAlive(holder, mine)) {
      throw new RecordError(
        `${dir} is being written by process ${holder.split(' ')[0]}: wait until it ends, or start a new run`,
      );
    }
    rmSync(path, { force: true });
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** A process of another machine cannot be asked: it counts as alive. */
function isAlive(holder: string, mine: string): boolean {
  const [pid = '', host = ''] = holder.split(' ');
  if (host !== mine.split(' ')[1]) return host !== '';
  if (Number(pid) === process.pid) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
