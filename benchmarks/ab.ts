/**
 * `npm run benchmark ab`: can the rule of `bench ab` be trusted? First over a simulated machine (see
 * `ab-simulation.ts`), where many trials cost little; then for real, on an implementation that hashes, with
 * nothing planted and with a fifth more work planted.
 *
 * `npm run benchmark ab [real trials of each kind, default 1]`
 */
import type { Comparison } from '../bench/compare/comparison.ts';
import { BUSY, NOISE, tally, upperBound } from '../bench/regression/simulation.ts';
import { UserRepository } from '../bench/testing/user-repository.ts';

const FALSE_ALARM_TRIALS = 200;
const DETECTION_TRIALS = 20;

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

for (const [title, noise] of [
  ['quiet', NOISE],
  ['busy', BUSY],
] as const) {
  for (const cells of [1, 12]) {
    const { alarms, meanPairs } = tally(FALSE_ALARM_TRIALS, 0, { noise, cells });
    const bound = percent(upperBound(alarms, FALSE_ALARM_TRIALS));
    console.log(
      `simulated, ${title}, ${cells} cells, A/A: ${alarms} false alarms in ${FALSE_ALARM_TRIALS} trials (95 % bound: ${bound}); ${meanPairs.toFixed(1)} pairs per cell`,
    );
  }
  for (const [slowdown, trials] of [
    [0.2, DETECTION_TRIALS],
    [0.1, FALSE_ALARM_TRIALS],
  ] as const) {
    const { verdicts, meanPairs } = tally(trials, slowdown, { noise });
    console.log(
      `simulated, ${title}, ${percent(slowdown)} slower: found in ${verdicts.regressed} of ${trials}; ${meanPairs.toFixed(1)} pairs, confirmation included`,
    );
  }
}

const trials = Number(process.argv[2] ?? 1);
const repository = await UserRepository.create();
for (const [title, head] of [
  ['A/A', 'last'],
  ['20 % more work', 'slower'],
] as const) {
  for (let trial = 1; trial <= trials; trial++) {
    const from = performance.now();
    const { code, stdout, stderr } = await repository.ab('one', head, '--format', 'json');
    if (stdout === '') throw new Error(`bench ab ended with ${code}: ${stderr}`);
    const [cell] = (JSON.parse(stdout) as Comparison).cells;
    const { estimate, low, high } = cell!.findings[0]!.ratio!;
    const interval = [low, high].map((ratio) => `${((ratio - 1) * 100).toFixed(1)}`).join(' … ');
    console.log(
      `real, ${title}, trial ${trial}: ${cell!.verdict}, ${((estimate - 1) * 100).toFixed(1)} % [${interval}], ${cell!.pairs!.length} pairs in ${((performance.now() - from) / 1000).toFixed(0)} s`,
    );
  }
}
