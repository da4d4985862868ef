import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpio, type Entry } from './cpio.ts';

/** Reads an archive as the kernel's documentation describes the format: headers of hexadecimal fields. */
function read(archive: Uint8Array): { name: string; mode: number; inode: number; data: string }[] {
  const bytes = Buffer.from(archive);
  const found = [];
  for (let at = 0; ; ) {
    assert.equal(bytes.toString('latin1', at, at + 6), '070701');
    const field = (i: number) =>
      Number.parseInt(bytes.toString('latin1', at + 6 + 8 * i, at + 14 + 8 * i), 16);
    const [inode, mode, size, nameLength] = [field(0), field(1), field(6), field(11)];
    const name = bytes.toString('utf8', at + 110, at + 110 + nameLength - 1);
    assert.equal(bytes[at + 110 + nameLength - 1], 0);
    const data = Math.ceil((at + 110 + nameLength) / 4) * 4;
    if (name === 'TRAILER!!!') return found;
    found.push({ name, mode, inode, data: bytes.toString('utf8', data, data + size) });
    at = Math.ceil((data + size) / 4) * 4;
  }
}

const ENTRIES: readonly Entry[] = [
  { path: 'init', data: Buffer.from('#!/bin/sh\n'), executable: true },
  { path: 'app/a/b.txt', data: Buffer.from('hello') },
  { path: 'app/a/ä', data: Buffer.from('') },
  { path: 'bin/sh', link: 'busybox' },
  { path: 'dev', folder: true },
];

test('an archive: what was put in, with the folders above, each once and before its files', () => {
  assert.deepEqual(
    read(cpio(ENTRIES)).map(({ name, mode, data }) => [name, mode.toString(8), data]),
    [
      ['app', '40755', ''],
      ['app/a', '40755', ''],
      ['app/a/b.txt', '100644', 'hello'],
      ['app/a/ä', '100644', ''],
      ['bin', '40755', ''],
      ['bin/sh', '120777', 'busybox'],
      ['dev', '40755', ''],
      ['init', '100755', '#!/bin/sh\n'],
    ],
  );
});

test('the same entries in any order give the same bytes, in whole blocks', () => {
  const archive = cpio(ENTRIES);
  assert.deepEqual(cpio(ENTRIES.toReversed()), archive);
  assert.equal(archive.length % 512, 0);
  const changed = ENTRIES.map((entry) =>
    entry.path === 'init' ? { ...entry, data: Buffer.from('#!/bin/sh;') } : entry,
  );
  assert.notDeepEqual(cpio(changed as Entry[]), archive);
});

test('inodes differ: the kernel would take equal ones for one file', () => {
  const inodes = read(cpio(ENTRIES)).map(({ inode }) => inode);
  assert.equal(new Set(inodes).size, inodes.length);
});
