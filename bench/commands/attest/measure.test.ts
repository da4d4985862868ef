import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, measureImage } from '../../../impls/enclave/runtime/image.ts';
import { describeImage } from './measure.ts';

const PSI = 'impls/enclave/guests/psi.ts';

test('it prints the values that the launcher measures', () => {
  const { pcrs, files, bytes } = measureImage(buildImage(PSI));
  const hex = (index: 0 | 1 | 2) => Buffer.from(pcrs[index]).toString('hex');
  const expected = `pcr0 ${hex(0)}\npcr1 ${hex(1)}\npcr2 ${hex(2)}\n${files} files, ${bytes} bytes\n`;
  assert.equal(describeImage(PSI, {}), expected);
  assert.deepEqual(JSON.parse(describeImage(PSI, { isJson: true })), {
    guest: PSI,
    pcr0: hex(0),
    pcr1: hex(1),
    pcr2: hex(2),
    fileCount: files,
    bytes,
  });
  assert.ok(describeImage(PSI, { withFiles: true }).includes('\nimpls/enclave/guests/psi.js\n'));
  assert.deepEqual(JSON.parse(describeImage(PSI, { withFiles: true, isJson: true })).files, [
    ...buildImage(PSI).keys(),
  ]);
});

test('a guest that is not there is named', () => {
  assert.throws(() => describeImage('impls/enclave/guests/none.ts', {}), /none\.ts/);
});
