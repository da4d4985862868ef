import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../party/random.ts';
import { common, windowsOf, windowToHex, without } from './windows.ts';

/** The windows of `bytes` as hex, the slow way. */
function slow(bytes: Uint8Array): string[] {
  const all = new Set<string>();
  for (let i = 0; i + 6 <= bytes.length; i++) all.add(Buffer.from(bytes.subarray(i, i + 6)).toString('hex'));
  return [...all].sort();
}

const hex = (windows: Float64Array) => [...windows].map(windowToHex);

test('windows are all strings of six bytes, sorted, each once', () => {
  const random = seededRandom('windows');
  for (const length of [0, 5, 6, 7, 100, 1000]) {
    const bytes = random.bytes(length);
    assert.deepEqual(hex(windowsOf(bytes)), slow(bytes));
  }
  assert.deepEqual(hex(windowsOf(new Uint8Array(20).fill(255))), ['ffffffffffff']);
  assert.deepEqual(hex(windowsOf(new Uint8Array(20))), ['000000000000']);
});

test('common and without, against sets', () => {
  const random = seededRandom('merge');
  const few = () => random.bytes(400).map((byte) => byte & 1);
  const [a, b] = [windowsOf(few()), windowsOf(few())];
  assert.ok(common(a, b).length > 0);
  assert.deepEqual(
    common(a, b),
    a.filter((window) => new Set(b).has(window)),
  );
  assert.deepEqual(
    without(a, b),
    a.filter((window) => !new Set(b).has(window)),
  );
  assert.equal(common(a, new Float64Array(0)).length, 0);
  assert.deepEqual(without(a, new Float64Array(0)), a);
});
