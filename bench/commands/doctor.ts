/** `bench doctor`: what can be measured on this machine? */

import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { formatMs } from '../format/numbers.ts';
import { parseCpus, pinTo } from '../machine/foreign-load.ts';
import { parseSize } from '../plan/sizes.ts';
import { advice, type Diagnosis, diagnose, percent } from '../regression/doctor.ts';
import { DEFAULT_RULE } from '../regression/rule.ts';
import { interruptible } from './interrupt.ts';

export const doctorCommand = defineCommand({
  name: 'doctor',
  describe: "measure this machine's noise with an A/A test: what differences can be resolved here?",
  run: async ({ impl, size, pairs, cpus, json }) => {
    if (cpus !== undefined) pinTo(parseCpus(cpus));
    using interrupt = interruptible();
    const found = await diagnose(impl, parseSize(size), DEFAULT_RULE, pairs, interrupt.signal).catch(
      (error) => {
        if (interrupt.signal.aborted) return null;
        throw error;
      },
    );
    if (found === null || interrupt.signal.aborted) return ExitCode.interrupted;
    process.stdout.write(json ? `${JSON.stringify({ schema: 1, ...found }, null, 2)}\n` : text(found));
    return ExitCode.fine;
  },
});

function text(found: Diagnosis): string {
  const { threshold } = DEFAULT_RULE;
  const lines = [
    `busy before: ${found.load.map((share, core) => `core ${core} ${Math.round(share * 100)} %`).join(', ')}`,
    '',
    'fixed work, 10th to 90th percentile over the median:',
    ...found.yardsticks.map(
      ({ name, medianUs, spread }) =>
        `  ${name.padEnd(22)} ${formatMs(medianUs / 1000).padStart(9)}, varies by ${percent(spread)}`,
    ),
    '',
    `A/A test: ${found.cell} against itself, ${found.pairs.length} interleaved pairs`,
    ...found.noise.flatMap(({ metric, medianMs, spread, drift, halfWidth }) => [
      `  ${metric === 'cpu' ? 'CPU time' : 'time'}: median ${formatMs(medianMs)} a run, varies by ${percent(spread)}, drifted by ${percent(drift)}; shift known to ± ${percent(halfWidth)}`,
    ]),
    `  bench ab would say: ${found.verdict}`,
    '',
    `slow-down that bench ab finds nine times in ten (threshold ${percent(threshold)}), by pairs:`,
    `  ${found.noise[0]!.resolvable.map(({ pairs, slowdown }) => `${pairs}: ${percent(slowdown)}`).join('   ')}`,
    '',
    ...advice(found, threshold),
  ];
  return `${lines.join('\n')}\n`;
}
