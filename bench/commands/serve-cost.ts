/** `bench serve-cost`: what does it cost to put a server into an enclave? */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchError, ExitCode, UsageError } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { captureEnvironment } from '../record/environment.ts';
import { measureServers } from '../serve-cost/measure.ts';
import { GUESTS, type Way } from '../serve-cost/metrics.ts';
import { readRecord, writeRecord } from '../serve-cost/record.ts';
import { costReport } from '../serve-cost/report.ts';
import { didYouMean } from '../words.ts';
import { interruptible } from './interrupt.ts';
import { recordedCommand } from './request/recorded-command.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
const REPORT = 'report.md';

export const serveCostCommand = defineCommand({
  name: 'serve-cost',
  describe: 'measure a server directly, through two plain relays and in an enclave, interleaved',
  positionals: { guest: { many: true, default: GUESTS, help: `servers: ${GUESTS.join(', ')}; all without` } },
  examples: [
    ['$0 serve-cost', 'all servers whose packages are here'],
    ['$0 serve-cost minecraft --rounds 3', 'players on a Minecraft server (docs/minecraft.md)'],
    ['$0 serve-cost --from results/serve-cost', 'the report of a record, made anew'],
  ],
  run: async ({ guest, rounds, seed, vm, out, from }) => {
    if (from !== undefined) {
      process.stdout.write(writeReport(from));
      return ExitCode.fine;
    }
    for (const name of guest) {
      if (!GUESTS.includes(name)) {
        throw new UsageError(
          `how to measure "${name}" is not known: ${GUESTS.join(', ')}.${didYouMean(name, GUESTS)}`,
        );
      }
    }
    const started = new Date().toISOString();
    const folder = out ?? join('results', `serve-cost-${started.slice(0, 19).replaceAll(':', '-')}`);
    const ways: readonly Way[] = ['direct', 'relays', 'enclave', ...(vm ? (['vm'] as const) : [])];
    const command = recordedCommand(process.argv.slice(2));
    const facts = { run: 'serve-cost', started, command, seed };
    const { code, host, runtime } = await captureEnvironment(facts, projectRoot);
    const say = (line: string) => process.stderr.write(`bench serve-cost: ${line}\n`);
    using interrupt = interruptible();
    const { failed } = await measureServers({
      ...{ guests: guest, ways, rounds, seed: Number(seed), say, signal: interrupt.signal },
      // After each server: what is measured is not lost with what comes later.
      onServer: ({ samples, usage, isolation, skipped, failed }) => {
        const facts = { rounds, seed: Number(seed), isolation, skipped, failed };
        writeRecord(folder, {
          ...{ samples, usage },
          conditions: { ...{ started, command, code, host, runtime }, ...facts },
        });
        writeReport(folder);
      },
    });
    process.stdout.write(writeReport(folder));
    say(`record and report are in ${folder}`);
    const names = Object.keys(failed);
    if (names.length > 0) throw new BenchError(`${names.join(' and ')} could not be measured to the end`);
    return ExitCode.fine;
  },
});

/** Makes the report of a record. @throws UsageError when there is none */
function writeReport(folder: string): string {
  const report = costReport(readRecord(folder));
  writeFileSync(join(folder, REPORT), report);
  return report;
}
