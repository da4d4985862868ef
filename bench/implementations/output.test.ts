import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOutput, parseOutput } from './output.ts';

test('outputs: read as written, and refused in one line', () => {
  for (const text of ['intersection', 'cardinality', 'threshold:20']) {
    assert.equal(formatOutput(parseOutput(text)), text);
  }
  for (const text of ['', 'sum', 'threshold', 'threshold:0', 'threshold:1.5', 'threshold:-1']) {
    assert.throws(() => parseOutput(text), /invalid output/);
  }
});
