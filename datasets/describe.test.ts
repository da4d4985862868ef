import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { describeDataset, formatDescription } from './dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'describe-'));
after(() => rmSync(folder, { recursive: true }));

test('files: lengths, what was dropped, entropy of each key column', async () => {
  const receiverFile = join(folder, 'r.csv');
  const senderFile = join(folder, 's.csv');
  writeFileSync(receiverFile, 'id,sex\n1,f\n2,f\n3,m\n4444,m\n,m\n1,F\n');
  writeFileSync(senderFile, 'sex,id\nm,3\nf,3\n');
  const description = await describeDataset({ kind: 'file', receiverFile, senderFile, key: ['id', 'sex'] });
  const { notes, ...numbers } = description;
  assert.equal(notes.length, 1);
  assert.deepEqual(numbers, {
    kind: 'file',
    overlap: 1,
    examined: 4,
    receiver: {
      ...{ items: 4, rows: 6, emptyKey: 1, duplicates: 1 },
      ...{ bytes: 15, minBytes: 3, meanBytes: 3.75, maxBytes: 6 },
      samples: ['1|f', '2|f', '3|m', '4444|m'],
    },
    sender: {
      ...{ items: 2, rows: 2, emptyKey: 0, duplicates: 0 },
      ...{ bytes: 6, minBytes: 3, meanBytes: 3, maxBytes: 3 },
      samples: ['3|m', '3|f'],
    },
    fields: [
      { field: 'id', distinct: 4, entropyBits: 2, commonest: '1', commonestShare: 0.25 },
      { field: 'sex', distinct: 2, entropyBits: 1, commonest: 'f', commonestShare: 0.5 },
    ],
  });
  const text = formatDescription(description);
  assert.match(text, /of 6 rows, dropped: 1 with an empty key, 1 duplicates/);
  assert.match(text, /id: all different/);
  assert.match(text, /sex: 2 values, 1\.0 bits of entropy, commonest "f" \(50\.00 %\)/);
});

test('generated sets, empty ones too', async () => {
  const random = await describeDataset({
    kind: 'random',
    receiverSize: 7,
    senderSize: 0,
    overlap: 0,
    seed: 1,
  });
  assert.deepEqual(
    [random.receiver.minBytes, random.receiver.maxBytes, random.receiver.bytes],
    [16, 16, 112],
  );
  assert.equal(random.receiver.samples.length, 5);
  assert.match(random.receiver.samples[0]!, /^[0-9a-f]{32}$/);
  assert.deepEqual([random.sender.meanBytes, random.sender.samples], [null, []]);
  assert.match(formatDescription(random), /sender: 0 items, 0 bytes/);

  const patients = await describeDataset({
    kind: 'patients',
    receiverSize: 3000,
    senderSize: 5,
    overlap: 5,
    seed: 1,
  });
  assert.equal(patients.overlap, 5);
  const entropy = Object.fromEntries(patients.fields.map((field) => [field.field, field.entropyBits]));
  assert.ok(entropy.given_name! > 7 && entropy.given_name! < 9);
  assert.ok(
    entropy.identifier! === Math.log2(3000) || Math.abs(entropy.identifier! - Math.log2(3000)) < 1e-9,
  );
});
