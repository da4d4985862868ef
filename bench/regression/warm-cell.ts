/** One cell's parties, started and warmed up outside a sweep: what pairs and the doctor measure with. */
import { expectedIntersection } from '../../datasets/dataset.ts';
import { metricNamed } from '../compare/metrics.ts';
import type { Cell } from '../plan/plan.ts';
import type { FailedSample, OkSample } from '../record/samples.ts';
import { loneRun, measure, START_TIMEOUT_MS, startParties } from '../run/one-run.ts';
import type { Parties, PlayFailure } from '../run/parties.ts';
import { isWarm } from '../run/warm-up.ts';

export class WarmCell {
  readonly cell: Cell;
  /** What the last warm-up run took of the processor. */
  lastCpuMs = 0;
  readonly #parties: Parties;
  readonly #expected: Uint32Array;
  readonly #timeoutMs: number;
  #sample = 0;

  private constructor(cell: Cell, parties: Parties, expected: Uint32Array, timeoutMs: number) {
    this.cell = cell;
    this.#parties = parties;
    this.#expected = expected;
    this.#timeoutMs = timeoutMs;
  }

  /** Starts the cell's processes and runs it until it is warm, or says how that failed. `signal` kills them. */
  static async start(cell: Cell, timeoutMs: number, signal: AbortSignal): Promise<WarmCell | PlayFailure> {
    const expected = await expectedIntersection(cell.dataset);
    const parties = await startParties(cell, START_TIMEOUT_MS, signal);
    if ('outcome' in parties) return parties;
    const warm = new WarmCell(cell, parties, expected, timeoutMs);
    const from = performance.now();
    for (let runs = 0; !isWarm(runs, performance.now() - from); runs++) {
      const sample = await warm.run();
      if (sample.outcome !== 'ok') {
        await warm.close();
        return sample;
      }
      warm.lastCpuMs = metricNamed('cpu').of(sample) ?? 0;
    }
    return warm;
  }

  /** One run. */
  async run(): Promise<OkSample | FailedSample> {
    const circumstances = loneRun(this.cell, this.#sample++);
    return (await measure(this.#parties, this.cell, this.#expected, this.#timeoutMs, circumstances)).sample;
  }

  async close(): Promise<void> {
    await this.#parties.dismiss();
  }
}
