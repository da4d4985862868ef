import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processesByOpenFiles, requireOpenFiles } from './open-files.ts';

test('the least that is demanded is enough for the processes of any one cell', () => {
  const [, demanded] = /allow (\d+) at least/.exec(String(catchOf(() => requireOpenFiles(10)))) ?? [];
  requireOpenFiles(Number(demanded));
  requireOpenFiles(null);
  assert.throws(() => requireOpenFiles(Number(demanded) - 1), { name: 'UsageError', message: /ulimit -n/ });
  assert.ok(processesByOpenFiles(Number(demanded)) >= 4);
  assert.equal(processesByOpenFiles(null), Number.POSITIVE_INFINITY);
});

function catchOf(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
