/** `bench doctor`: what can be measured on this machine? */

import type { Argv, CommandModule } from 'yargs';
import { ExitCode } from '../errors.ts';
import { formatMs } from '../format/numbers.ts';
import { parseCpus, pinTo } from '../machine/foreign-load.ts';
import { parseSizes } from '../plan/sizes.ts';
import { advice, type Diagnosis, diagnose, percent } from '../regression/doctor.ts';
import { DEFAULT_RULE } from '../regression/rule.ts';
import { interruptible } from './interrupt.ts';

interface Arguments {
  readonly impl: string;
  readonly size: string;
  readonly pairs: number;
  readonly cpus?: string;
  readonly json?: boolean;
}

export const doctorCommand: CommandModule<object, Arguments> = {
  command: 'doctor',
  describe: "measure this machine's noise with an A/A test: what differences can be resolved here?",
  builder: (argv) =>
    argv
      .option('impl', { type: 'string', default: 'hash', describe: 'what to run against itself' })
      .option('size', { type: 'string', default: '2^12', describe: 'set size of both sides' })
      .option('pairs', {
        type: 'number',
        choices: DEFAULT_RULE.looks,
        default: 40,
        describe: 'pairs to measure',
      })
      .option('cpus', { type: 'string', describe: 'keep all processes on these cores: 0,1 (Linux)' })
      .option('json', { type: 'boolean', describe: 'everything, pairs included, as JSON on stdout' })
      .epilogue('Exit codes: 0 fine, 2 usage, 3 a run is broken.') as unknown as Argv<Arguments>,
  handler: async ({ impl, size, pairs, cpus, json }) => {
    if (cpus !== undefined) pinTo(parseCpus(cpus));
    using interrupt = interruptible();
    const found = await diagnose(impl, parseSizes(size)[0]!, DEFAULT_RULE, pairs, interrupt.signal);
    if (interrupt.signal.aborted) {
      process.exitCode = ExitCode.interrupted;
      return;
    }
    process.stdout.write(json ? `${JSON.stringify({ schema: 1, ...found }, null, 2)}\n` : text(found));
  },
};

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
