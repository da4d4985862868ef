/** Every schema is documented, and what the commands print is as they say. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { describeImage } from '../../bench/commands/attest/measure.ts';
import { buildModel } from '../../bench/report/build-model.ts';
import { readModel, summaryJson } from '../../bench/report/index.ts';
import { bench, PROJECT } from '../../bench/testing/cli.ts';
import { assertMatches, faultsOf, SCHEMA_FOLDER } from '../../bench/testing/json-schema.ts';
import { syntheticRecord } from '../../bench/testing/synthetic.ts';
import { describeDataset } from '../../datasets/dataset.ts';
import type { Probe } from '../../impls/enclave/vm/accelerator.ts';

const read = (path: string) => JSON.parse(readFileSync(join(PROJECT, path), 'utf8')) as unknown;

test('every schema compiles, and the page lists each with its command', () => {
  const page = readFileSync(new URL('README.md', SCHEMA_FOLDER), 'utf8');
  const files = readdirSync(SCHEMA_FOLDER).filter((name) => name.endsWith('.json'));
  assert.deepEqual([...page.matchAll(/^\| \[`(.+?)`\]/gm)].map(([, name]) => name).sort(), files.sort());
  for (const file of files) {
    const { $id, title } = read(join('docs/schema', file)) as { $id: string; title: string };
    assert.equal($id, file);
    assert.ok(page.includes(`| ${title} |`), `${file}: the page says "${title}"`);
    assert.notEqual(faultsOf(file.replace(/\.json$/, ''), 'no such output'), '');
  }
});

describe('what the commands print is as their schemas say', () => {
  test('run', async () => {
    const written = { samples: 'results/x/samples.csv', report: 'reports/x/report.md' };
    const reference = { ...summaryJson(await readModel([join(PROJECT, 'results/reference')])), ...written };
    assertMatches('run.v1', reference);
    const failures = { ...summaryJson(buildModel([syntheticRecord()])), ...written };
    assertMatches('run.v1', failures);
    assert.match(faultsOf('run.v1', { ...failures, more: 1 }), /must NOT have additional properties/);
    assert.match(
      faultsOf('run.v1', { ...failures, machines: [{}] }),
      /must have required property 'results'/,
    );
  });

  test('compare', () => {
    assertMatches('compare.v1', read('bench/compare/golden.json.txt'));
  });

  test('list', async () => {
    const { stdout } = await bench(['list', 'all,-seal', '--json'], PROJECT);
    assertMatches('list.v1', JSON.parse(stdout));
  });

  test('attack: the file in the reference record', () => {
    const records = readdirSync(join(PROJECT, 'results/reference'), { recursive: true, encoding: 'utf8' });
    const files = records.filter((name) => name.endsWith('attack.json'));
    assert.ok(files.length > 0);
    for (const file of files) assertMatches('attack.v1', read(join('results/reference', file)));
  });

  test('dataset describe', async () => {
    const sizes = { receiverSize: 20, senderSize: 0, overlap: 0, seed: '1' };
    for (const kind of ['random', 'patients'] as const) {
      assertMatches('dataset-describe.v1', await describeDataset({ kind, ...sizes }));
    }
  });

  test('attest measure', () => {
    for (const withFiles of [false, true]) {
      assertMatches('attest-measure.v1', JSON.parse(describeImage('echo', { withFiles, isJson: true })));
    }
  });

  test('attest vm, as its type is', () => {
    const parts = {
      qemu: '/q',
      qemuVersion: '10',
      kernel: '/k',
      kernelVersion: '6',
      modules: null,
      busybox: '/b',
    };
    const found: readonly Probe[] = [
      { works: false, reason: 'no QEMU' },
      { works: true, accelerator: 'tcg', parts, bootMs: 2000, notKvm: 'there is no /dev/kvm' },
    ];
    for (const probe of found) assertMatches('attest-vm.v1', probe);
  });
});
