/** How many files, pipes and sockets a process may have open (`ulimit -n`), and what that is enough for. */
import { UsageError } from '../errors.ts';
import { processLimits } from './limits.ts';

/** What Node and the harness have open before there is any party: seen up to 31. */
const OWN = 40;
/** By party: its channel, its errors, and both ends of each while it is started. */
const BY_PROCESS = 4;
/** Enough for one cell: three parties and a relay. Node itself does not start with fewer than about 24. */
const LEAST = 64;

/** @throws UsageError where not even one cell could be measured */
export function requireOpenFiles(limit = processLimits().openFiles): void {
  if (limit === null || limit >= LEAST) return;
  throw new UsageError(
    `too few files may be open at once, ${limit}: allow ${LEAST} at least (ulimit -n ${LEAST})`,
  );
}

/** How many processes of parties and relays may be at once. */
export function processesByOpenFiles(limit = processLimits().openFiles): number {
  return limit === null ? Number.POSITIVE_INFINITY : Math.floor((limit - OWN) / BY_PROCESS);
}
