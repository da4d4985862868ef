import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagsOf } from '../../flags/index.ts';
import { recordedCommand } from './recorded-command.ts';

test('paths and hosts are left out of a recorded command, however they were typed', () => {
  const words = [
    ...['run', '--impl', 'hash,/home/alice/my-psi.ts', '--receiver-file=/home/alice/a b.csv'],
    ...['--senderFile', 'C/alice/b.csv', '--out', '/home/alice/out', '--reports=/home/alice/r'],
    ...['--peer', 'alice.example:7000', '--token-file', '/home/alice/t', '--cache=/home/alice/c'],
    ...['--write-result', 'alice.csv', '--key', "it's", '--size', '2^4', '--json'],
  ];
  assert.equal(
    recordedCommand(words),
    "bench run --impl hash,./my-psi.ts '--receiver-file=a b.csv' --senderFile b.csv --out FOLDER --reports=FOLDER " +
      "--peer HOST:PORT --token-file FILE --cache=FOLDER --write-result FILE --key 'it'\\''s' --size 2^4 --json",
  );
});

test('every flag of a command that writes records says what is kept of a file, a folder or a host', () => {
  for (const command of ['run', 'attack', 'serve-cost']) {
    for (const [name, { type, help, recorded, choices }] of flagsOf(command)) {
      if (type !== 'text' || choices || !/\b(file|folder|host)\b|path/i.test(`${name} ${help}`)) continue;
      const ofFiles = ['key', 'delimiter', 'encoding', 'normalise', 'missing'].some((word) =>
        name.includes(word),
      );
      assert.ok(recorded !== undefined || ofFiles, `bench ${command} --${name}: ${help}`);
    }
  }
});
