/** The harness's own floor: what a run costs in which the parties do nothing. */
import { fileURLToPath } from 'node:url';
import type { Environment } from '../record/environment.ts';
import { median } from '../statistics/stats.ts';
import { START_TIMEOUT_MS } from './one-run.ts';
import { Parties } from './parties.ts';

const NOTHING = fileURLToPath(new URL('./nothing.ts', import.meta.url));
const WARMUP = 10;
const RUNS = 15;

/** Medians over some warm runs of both parties together; null when not even that can be played. */
export async function measureFloor(signal?: AbortSignal): Promise<NonNullable<Environment['floor']> | null> {
  const parties = await Parties.start(
    {
      roles: ['receiver', 'sender'],
      implementation: { module: NOTHING, id: 'nothing' },
      dataset: { kind: 'random', receiverSize: 1, senderSize: 1, overlap: 0, seed: 'floor' },
      sizes: { receiver: 1, sender: 1 },
      options: {},
      output: { kind: 'intersection' },
      threads: 1,
      protocolSeed: null,
    },
    START_TIMEOUT_MS,
    signal,
  );
  if ('outcome' in parties) return null;
  const walls: number[] = [];
  const cpus: number[] = [];
  try {
    for (let run = 0; run < WARMUP + RUNS; run++) {
      const play = await parties.play(run, START_TIMEOUT_MS);
      if (play.outcome !== 'played') return null;
      if (run < WARMUP) continue;
      walls.push(play.phases.reduce((sum, { wallMs }) => sum + wallMs, 0));
      const usages = play.phases.flatMap((phase) => [...phase.parties.values()]);
      cpus.push(usages.reduce((sum, { cpuUserMs, cpuSystemMs }) => sum + cpuUserMs + cpuSystemMs, 0));
    }
  } finally {
    await parties.dismiss();
  }
  return { wallMs: median(walls), cpuMs: median(cpus), runs: RUNS };
}
