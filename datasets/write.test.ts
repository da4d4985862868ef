import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  expectedIntersection,
  type FileSpec,
  type GeneratedSpec,
  keyColumns,
  loadItems,
  sizesOf,
  writeDataset,
} from './dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'write-'));
after(() => rmSync(folder, { recursive: true }));

for (const kind of ['random', 'patients'] as const) {
  for (const [receiverSize, senderSize, overlap] of [
    [0, 0, 0],
    [1, 1, 1],
    [9000, 500, 123],
  ] as const) {
    test(`${kind}, ${receiverSize} and ${senderSize}: written and read back, the sets are the same`, async () => {
      const spec: GeneratedSpec = { kind, receiverSize, senderSize, overlap, seed: 'csv' };
      const file: FileSpec = {
        kind: 'file',
        receiverFile: join(folder, `${kind}-${receiverSize}-receiver.csv`),
        senderFile: join(folder, `${kind}-${receiverSize}-sender.csv`),
        key: keyColumns(kind),
      };
      await writeDataset(spec, 'receiver', file.receiverFile);
      await writeDataset(spec, 'sender', file.senderFile);
      assert.deepEqual(await sizesOf(file), await sizesOf(spec));
      assert.deepEqual(await expectedIntersection(file), await expectedIntersection(spec));
      for (const role of ['receiver', 'sender'] as const) {
        const made = Buffer.from((await loadItems(spec, role)).data);
        const read = Buffer.from((await loadItems(file, role)).data);
        // Bytes that are no text travel as hexadecimal digits.
        assert.deepEqual(kind === 'random' ? Buffer.from(read.toString(), 'hex') : read, made);
      }
    });
  }
}

test('patients shared by both can be found by the identifier alone, or by fewer columns', async () => {
  const spec: GeneratedSpec = { kind: 'patients', receiverSize: 800, senderSize: 600, overlap: 77, seed: 1 };
  const receiverFile = join(folder, 'r.csv');
  const senderFile = join(folder, 's.csv');
  await writeDataset(spec, 'receiver', receiverFile);
  await writeDataset(spec, 'sender', senderFile);
  for (const key of [['identifier'], ['surname', 'birth_date', 'given_name', 'postcode']]) {
    const found = await expectedIntersection({ kind: 'file', receiverFile, senderFile, key });
    assert.deepEqual(found, await expectedIntersection(spec));
  }
});

test('the columns are the header, names keep their capitals', async () => {
  const out = join(folder, 'header.csv');
  const spec: GeneratedSpec = { kind: 'patients', receiverSize: 2, senderSize: 0, overlap: 0, seed: 1 };
  await writeDataset(spec, 'receiver', out);
  const lines = readFileSync(out, 'utf8').split('\n');
  assert.equal(lines[0], 'given_name,surname,birth_date,postcode,identifier');
  assert.match(lines[1]!, /^\p{Lu}[^,]*,[^,]+,\d{4}-\d\d-\d\d,\d{5},\d{9}$/u);
  assert.equal(lines.length, 4);
});

test('a file that cannot be written is an error', async () => {
  const spec: GeneratedSpec = { kind: 'random', receiverSize: 2, senderSize: 0, overlap: 0, seed: 1 };
  await assert.rejects(writeDataset(spec, 'receiver', join(folder, 'no', 'such.csv')), {
    name: 'DatasetError',
    message: /cannot write ".*such\.csv"/,
  });
});
