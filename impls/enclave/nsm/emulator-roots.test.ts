import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { knownEmulatorRoots, rememberEmulatorRoot } from './emulator-roots.ts';

const fingerprint = (digit: string) => digit.repeat(64);
const emptyFolder = () => pathToFileURL(`${mkdtempSync(join(tmpdir(), 'roots-'))}/`);

test('emulator roots: none on a fresh machine, then those that were remembered, each once', () => {
  const folder = new URL('not-there-yet/', emptyFolder());
  assert.deepEqual(knownEmulatorRoots(folder), []);
  for (const digit of ['a', 'b', 'a']) rememberEmulatorRoot(fingerprint(digit), folder);
  assert.deepEqual(knownEmulatorRoots(folder).sort(), [fingerprint('a'), fingerprint('b')]);
});

test('emulator roots: those of yesterday go, other files are no roots', () => {
  const folder = emptyFolder();
  rememberEmulatorRoot(fingerprint('a'), folder);
  const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
  utimesSync(new URL(fingerprint('a'), folder), twoDaysAgo, twoDaysAgo);
  writeFileSync(new URL('README', folder), '');
  rememberEmulatorRoot(fingerprint('b'), folder);
  assert.deepEqual(knownEmulatorRoots(folder), [fingerprint('b')]);
  assert.deepEqual(readdirSync(folder).sort(), ['README', fingerprint('b')]);
});
