import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsChecks } from './guard-pages.ts';

test('addresses are checked where address space is short, and that is done once', () => {
  const gib = 2 ** 30;
  for (const [limit, options, needed] of [
    [null, '', false],
    [16 * gib, '', true],
    [16 * gib, '--max-old-space-size=100 --disable-wasm-trap-handler', false],
    [1024 * gib, '', false],
  ] as const) {
    assert.equal(needsChecks(limit, options), needed, `${limit} ${options}`);
  }
});
