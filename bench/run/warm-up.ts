/** When processes are warm: the one rule, for sweeps, pairs and the doctor. */

/** So much time in runs warms the compilers and caches of the runtime … */
const WARMUP_MS = 400;
/** … and more runs than these change nothing even where they are short. */
const WARMUP_RUNS = 60;

/** Whether processes that have played so many runs in so much time are warm. One run at least is played. */
export function isWarm(runs: number, spentMs: number): boolean {
  return runs >= WARMUP_RUNS || (runs > 0 && spentMs >= WARMUP_MS);
}
