/** What `bench party` tells its owner: one line each, and not more lines than a person can read. */
import { printable } from '../wire/fields.ts';

const WINDOW_MS = 10_000;
const LINES = 20;

/**
 * Passes on at most {@link LINES} lines in {@link WINDOW_MS}; of the rest, how many there were. Whatever is
 * said may hold the other side's words, so control characters go.
 */
export function limitedLog(write: (line: string) => void): (line: string) => void {
  let lines = 0;
  let omitted = 0;
  let isCounting = false;
  const windowEnds = () => {
    isCounting = false;
    lines = 0;
    if (omitted > 0) write(`${omitted} more lines of this kind were left out`);
    omitted = 0;
  };
  return (line) => {
    if (!isCounting) setTimeout(windowEnds, WINDOW_MS).unref();
    isCounting = true;
    if (lines++ < LINES) write(printable(line));
    else omitted++;
  };
}
