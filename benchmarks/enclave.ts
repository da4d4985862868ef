/**
 * What attestation, isolation and obliviousness cost: `plaintext`, `enclave` and `enclave-oblivious`,
 * interleaved in one `bench run` of separate processes, compared run by run.
 *
 * It reads the record that the run leaves, like every view.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { type Median, median, show } from './ratio.ts';

const SIZES = ['2^16', '2^20'];
const RUNS = 9;
const STEPS = ['attest', 'verify', 'key-agreement'] as const;

type Row = Readonly<Record<string, string>>;

/** Prints ratios (median and interval of the ratios of neighbouring runs) and setup by step. */
export async function run(print: (line: string) => void): Promise<void> {
  for (const size of SIZES) {
    const folder = mkdtempSync(join(tmpdir(), 'enclave-bench-'));
    try {
      await measure(size, folder);
      report(size, folder, print);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function measure(size: string, folder: string): Promise<void> {
  const cli = fileURLToPath(new URL('../bench/cli.ts', import.meta.url));
  const impls = 'plaintext,enclave,enclave-oblivious';
  const args = ['run', '--impl', impls, '--size', size, '--runs', String(RUNS), '--budget', '60'];
  await promisify(execFile)(process.execPath, [
    cli,
    ...args,
    '--out',
    join(folder, 'results'),
    '--reports',
    join(folder, 'reports'),
  ]);
}

function report(size: string, folder: string, print: (line: string) => void): void {
  const results = join(folder, 'results');
  const record = join(results, readdirSync(results)[0]!);
  const samples = table(join(record, 'samples.csv'));
  const of = (impl: string) => samples.filter((row) => row.impl === impl && row.warmup === 'false');
  const failed = samples.find((row) => row.outcome !== 'ok');
  if (failed) throw new Error(`a run of ${failed.impl} was ${failed.outcome}: ${failed.reason}`);

  const ratio = (over: string, under: string, time: (row: Row) => number): Median => {
    const [a, b] = [of(over), of(under)];
    const pairs = Math.min(a.length, b.length);
    return median(Array.from({ length: pairs }, (_, i) => time(a[i]!) / time(b[i]!)));
  };
  const work = (row: Row) => Number(row.prepare_ms) + Number(row.online_ms);
  const total = (row: Row) => Number(row.wall_ms);
  print(`${size} × ${size}, medians of ${RUNS} or more interleaved pairs (95 % interval)`);
  print(
    `  enclave ÷ plaintext, without setup    ${show(ratio('enclave', 'plaintext', work))}   target ≤ 1.3`,
  );
  print(`  enclave ÷ plaintext, with setup       ${show(ratio('enclave', 'plaintext', total))}`);
  const oblivious = ratio('enclave-oblivious', 'enclave', work);
  print(`  oblivious ÷ plain join, without setup ${show(oblivious)}   target ≤ 4`);
  const online = (row: Row) => Number(row.online_ms);
  print(`  the same, online phase alone          ${show(ratio('enclave-oblivious', 'enclave', online))}`);

  const setups = table(join(record, 'parties.csv')).filter((row) => row.phase === 'setup');
  const warm = new Set(of('enclave').map((row) => `${row.cell} ${row.sample}`));
  const steps = setups.filter((row) => row.party === 'receiver' && warm.has(`${row.cell} ${row.sample}`));
  print(
    `  setup of enclave, ms                  ${show(median(of('enclave').map((r) => Number(r.setup_ms))), 1)}`,
  );
  for (const step of STEPS) {
    print(`    ${step.padEnd(36)}${show(median(steps.map((row) => stepOf(row, step))), 1)}`);
  }
}

/** A step's ms out of `name=ms;name=ms`. */
function stepOf(row: Row, step: string): number {
  const entry = row.steps!.split(';').find((one) => one.startsWith(`${step}=`));
  if (!entry) throw new Error(`the record has no step "${step}"`);
  return Number(entry.slice(step.length + 1));
}

function table(file: string): Row[] {
  return parse(readFileSync(file), { columns: true }) as Row[];
}

if (import.meta.main) await run(console.log);
