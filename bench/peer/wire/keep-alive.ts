/** Signs of life on the main connection of two hosts. */
import type { TLSSocket } from 'node:tls';
import { sendLine } from './lines.ts';

/** A sign of life is sent this often, … */
const ALIVE_MS = 2000;
/** … and a host that gave none for so long is gone. */
export const GONE_MS = 15_000;

/** Sends them, and ends the connection when the other side gives none. What it says is of no interest. */
export function keepAlive(main: TLSSocket): void {
  const gone = setTimeout(() => main.destroy(), GONE_MS);
  // One that does not take ours is not sent any more.
  const timer = setInterval(() => {
    if (!main.writableNeedDrain) void sendLine(main, { type: 'alive' });
  }, ALIVE_MS);
  main.on('data', () => gone.refresh());
  main.on('close', () => {
    clearInterval(timer);
    clearTimeout(gone);
  });
}
