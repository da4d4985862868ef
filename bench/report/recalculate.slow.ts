/** The statistics of the committed records, computed anew by a program in another language. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mulberry32 } from '../statistics/stats.ts';
import { emptyFolder, PROJECT } from '../testing/cli.ts';
import { syntheticFacts, syntheticOk, syntheticRecord, writeSynthetic } from '../testing/synthetic.ts';
import { readModel, summaryJson } from './index.ts';

const SCRIPT = fileURLToPath(new URL('../statistics/recalculate.py', import.meta.url));
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'there is no python3 to compute with';

async function recalculate(results: string): Promise<string> {
  const dir = await emptyFolder();
  const summary = join(dir, 'summary.json');
  writeFileSync(summary, JSON.stringify(summaryJson(await readModel([results]))));
  const tables = readdirSync(results).map((run) => join(results, run, 'samples.csv'));
  const { status, stdout, stderr } = spawnSync('python3', [SCRIPT, summary, ...tables], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

test('the reference records: the same times, intervals and verdicts', { skip }, async () => {
  assert.match(
    await recalculate(join(PROJECT, 'results/reference')),
    /\d+ cells, \d+ verdicts: 0 differences/,
  );
});

test('made-up records with every kind of verdict: the same', { skip }, async () => {
  const results = await emptyFolder();
  const random = mulberry32(3);
  const facts = {
    enclave: syntheticFacts('enclave', { kind: 'enclave' }),
    fast: syntheticFacts('fast'),
    slow: syntheticFacts('slow'),
    hash: syntheticFacts('hash', { kind: 'open' }),
  };
  const centres = { enclave: 20, fast: 22, slow: 90, hash: 3 };
  const samples = [256, 1024, 4096].flatMap((size, place) =>
    Object.entries(centres).flatMap(([impl, centre]) =>
      [0, 1, 2, 3, 4].flatMap((execution) =>
        [0, 1, 2].map((run) =>
          syntheticOk({
            ...{ impl, execution, run: 'made-up', sample: execution * 3 + run },
            ...{ receiverSize: size, senderSize: size },
            // The enclave is ahead of all, then of some, then of none.
            wallMs: centre * (impl === 'enclave' ? ([0.4, 1.1][place] ?? 1.7) : 1) * (1 + 0.05 * random()),
          }),
        ),
      ),
    ),
  );
  const { environment } = syntheticRecord({ run: 'made-up' });
  const record = {
    environment: { ...environment, implementations: facts },
    samples,
    parties: [],
    warnings: [],
  };
  await writeSynthetic(results, record);
  assert.match(await recalculate(results), /12 cells, \d+ verdicts: 0 differences/);
  const { machines } = summaryJson(await readModel([results])) as {
    machines: { claims: { verdict: string }[] }[];
  };
  const verdicts = new Set(machines.flatMap(({ claims }) => claims.map(({ verdict }) => verdict)));
  assert.deepEqual([...verdicts].sort(), ['refuted', 'supported', 'undecided']);
});
