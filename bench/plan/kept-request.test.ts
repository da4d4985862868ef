import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { located, withoutFolders } from './kept-request.ts';
import { smallRequest } from './request.ts';

const folder = mkdtempSync(join(tmpdir(), 'whereabouts-'));
after(() => rmSync(folder, { recursive: true }));
const [mine, left, right] = ['mine.ts', 'left.csv', 'right.csv'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
for (const file of [mine, left, right]) writeFileSync(file, '');

const generated = smallRequest(
  ['hash', '-ecdh', mine],
  { receiver: [16], sender: [16] },
  { seed: '1', timeoutMs: 1000 },
);
const files = { kind: 'file', receiverFile: left, senderFile: right, key: ['id'] } as const;
const twoFiles = { ...generated, data: files };
const withPeer = {
  ...generated,
  data: { kind: 'peer-file', own: { ...files, senderFile: left }, resultTo: 'receiver' } as const,
};

test('a record keeps no folder of a request, and gets them again from the command line', () => {
  for (const request of [generated, twoFiles, withPeer]) {
    const kept = withoutFolders(request);
    assert.ok(!JSON.stringify(kept).includes(folder), JSON.stringify(kept));
    assert.deepEqual(kept.impl, ['hash', '-ecdh', './mine.ts']);
    const said = {
      impl: request.impl,
      ...(request !== generated && { receiverFile: left }),
      ...(request === twoFiles && { senderFile: right }),
    };
    assert.deepEqual(located(kept, said), request);
  }
});

test('what is not where it is looked for is named with its flag, and nothing else may be said', () => {
  const kept = withoutFolders(twoFiles);
  const impl = generated.impl;
  for (const [request, said, message] of [
    [kept, {}, /implementation, \.\/mine\.ts, is not in this folder: say with --impl/],
    [kept, { impl, receiverFile: left }, /sender's file of this run, right\.csv, .* say with --sender-file/],
    [kept, { impl, senderFile: right }, /receiver's file of this run, left\.csv, .* --receiver-file/],
    [kept, { impl: ['hash'] }, /leave out --impl/],
    [withoutFolders(generated), { impl, receiverFile: left }, /leave out --receiver-file/],
    [withoutFolders(withPeer), { impl, senderFile: left }, /sender's host has its own/],
  ] as const) {
    assert.throws(() => located(request, said), { name: 'UsageError', message });
  }
});
