import assert from 'node:assert/strict';
import { homedir, tmpdir } from 'node:os';
import { test } from 'node:test';
import { withoutPlaces } from './places.ts';

test('of a path in a sentence its last part is left, whatever the sentence is', () => {
  for (const [text, kept] of [
    ['cannot load /srv/acme/alice/mine.ts: no such file', 'cannot load …/mine.ts: no such file'],
    ["Cannot find module '/home/Alice Smith/x/y.wasm'", "Cannot find module '…/y.wasm'"],
    ['at file:///srv/alice/b.ts:3:4 (thrown)', 'at …/b.ts:3:4 (thrown)'],
    [`open ${homedir()}/clients.csv`, 'open …/clients.csv'],
    [`open ${process.cwd()}/a/clients.csv, or not`, 'open …/clients.csv, or not'],
    [`ENOSPC in ${tmpdir()}/psi-bench-1/x`, 'ENOSPC in …/x'],
    ['cannot open C:\\Users\\bob\\mine.ts', 'cannot open …\\mine.ts'],
  ] as const) {
    assert.equal(withoutPlaces(text), kept);
  }
});

test('what is no path of this machine is left as it is', () => {
  for (const text of [
    'needs /dev/kvm',
    'run /usr/bin/taskset -c 0',
    '3 ms/run, 1/2 of a/b/c, km/s, /s',
    'see https://example.org/a/b/c',
    'impls/hash/index.ts:3 threw',
  ]) {
    assert.equal(withoutPlaces(text), text);
  }
});
