/** The table of flags against the commands: nothing is ignored, nothing is declared for nobody. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { UsageError } from '../errors.ts';
import type { Command } from '../flags/command.ts';
import { FLAGS, flagsOf, REQUEST_FLAGS } from '../flags/index.ts';
import { camelCase } from '../flags/spec.ts';
import { COMMANDS, commandLine } from './index.ts';

const leaves = (command: Command): Command[] =>
  command.children.length === 0 ? [command] : command.children.flatMap(leaves);
const ALL = COMMANDS.flatMap(leaves);

/** Words that give a flag a value that its type admits. */
function wordsOf(name: string): string[] {
  const { type, choices } = FLAGS.get(name)!;
  if (type === 'switch') return [`--${name}`];
  return [`--${name}`, String(choices?.[0] ?? (type === 'number' ? 7 : 'x'))];
}

/** Parses the words; the positionals and flags that a command demands are filled in. @throws what the command line says */
async function parse(command: Command, words: readonly string[]): Promise<unknown> {
  const name = command.name.split(' ');
  const positionals = [...String(command.module.command).matchAll(/<([\w.]+)>/g)].map(() => 'x');
  const required = flagsOf(command.name).flatMap(([flag, , use]) => (use.required ? wordsOf(flag) : []));
  return commandLine([...name, ...positionals, ...required, ...words])
    .exitProcess(false)
    .parseAsync();
}

test('a flag that a command does not take is refused, for every command and every flag', async () => {
  let refused = 0;
  for (const command of ALL) {
    const taken = new Set(flagsOf(command.name).map(([name]) => name));
    for (const name of FLAGS.keys()) {
      const isPositional = new RegExp(`[<[]${name}\\b`).test(String(command.module.command));
      if (taken.has(name) || isPositional || /^pcr\d\d$/.test(name)) continue;
      await assert.rejects(
        async () => parse(command, wordsOf(name)),
        (error) =>
          error instanceof UsageError &&
          new RegExp(`Unknown argument.*${name}|Invalid values`).test(error.message),
        `bench ${command.name} --${name}`,
      );
      refused++;
    }
  }
  assert.ok(refused > 500, `${refused} combinations`);
});

test('a flag that a command takes is read in its code', () => {
  const asking = ['run', 'ab', 'serve-pairs', 'intersect', 'party', 'dataset describe', 'dataset make'];
  const request = ['index', 'files', 'connect-peer', 'own-file', 'own-data'].map(
    (file) => `./request/${file}.ts`,
  );
  for (const { name } of ALL) {
    const [first, verb = ''] = name.split(' ');
    const own = /^attest (measure|vm|serve|proxy|trace)$/.test(name) ? `attest/${verb}` : first;
    const files = [
      name === 'serve-pairs' ? './ab.ts' : own === 'attest' ? './attest/index.ts' : `./${own}.ts`,
      ...(asking.includes(name) ? request : []),
    ];
    const code = files.map((path) => readFileSync(new URL(path, import.meta.url), 'utf8')).join('');
    for (const [flag] of flagsOf(name)) {
      if (/^pcr\d+$|^cache$/.test(flag)) continue; // all of them in one loop; for all commands in one place
      assert.match(code, new RegExp(`\\b${camelCase(flag)}\\b`), `bench ${name} --${flag}`);
    }
  }
});

test('every flag belongs to commands that exist', () => {
  const names = new Set(ALL.map(({ name }) => name));
  for (const [flag, { commands }] of FLAGS) {
    assert.ok(Object.keys(commands).length > 0, flag);
    for (const [command, { needs, excludes = [] }] of Object.entries(commands)) {
      assert.ok(names.has(command), `--${flag} is declared for "${command}"`);
      const taken = flagsOf(command).map(([name]) => name);
      for (const other of [...excludes, ...(needs === undefined ? [] : [needs])]) {
        assert.ok(taken.includes(other), `bench ${command} --${flag} speaks of --${other}`);
      }
    }
  }
});

const FILES = ['--receiver-file', 'a', '--sender-file', 'b'];
const keyFlag = (name: string) => [`--${name}`, name];

for (const [words, message] of [
  [['run', '--size', '4', '--size', '8'], /--size is given more than once/],
  [['run', '--max-runs', '9'], /--max-runs needs --precision/],
  [['intersect', '--receiver-file', 'a'], /sender-file/],
  [['intersect', ...FILES], /needs --receiver-file, --sender-file and --key/],
  [['intersect', ...FILES, '--receiver-key', 'a'], /--receiver-key and --sender-key go together/],
  [
    ['intersect', ...FILES, ...['key', 'receiver-key', 'sender-key'].flatMap(keyFlag)],
    /leave one of the three out/,
  ],
  [
    ['intersect', ...FILES, '--receiver-key', 'a,b', '--sender-key', 'c'],
    /2 columns \(a, b\), the sender's 1 column/,
  ],
  [['intersect', ...FILES, '--key', '"a'], /cannot read the list "a/],
  [['intersect', ...FILES, '--key', 'a', '--delimiter', 'dot'], /delimiter "dot"/],
  [['intersect', ...FILES, '--key', 'a', '--encoding', 'ansi-1'], /no encoding is called "ansi-1"/],
  [['intersect', ...FILES, '--key', 'a', '--normalise', 'upper'], /no normalisation is called "upper"/],
  [
    ['intersect', ...FILES, '--key', 'a', '--impl', 'ecdh', '--impl', 'hash'],
    /--impl is given more than once/,
  ],
  [
    ['intersect', '--receiver-file', '-', '--sender-file', '-', '--key', 'a'],
    /standard input can be one of the files/,
  ],
  [['run', '--token-file', 't'], /--token-file needs --peer/],
  [['run', '--net', 'wan', '--peer', 'h:1'], /--net cannot be combined with --peer/],
  [['run', '--dataset', 'file', '--peer', 'h:1'], /own data with another host needs --receiver-file/],
  [['run', '--peer', 'h:1', '--seeded-protocols'], /--seeded-protocols cannot be combined with --peer/],
  [['party', '--listen', 'h:1', '--key', 'id'], /--key needs --file/],
  [['run', '--dry-run', '--json'], /--dry-run cannot be combined with --json/],
  [['run', '--resume', 'x', '--out', 'y'], /--out cannot be combined with --resume/],
  [['run', '--resume', 'x', '--key', 'id'], /leave out --key/],
  [['run', '--threads', 'many'], /--threads expects a whole number of at least 1/],
  [['run', '--cells', 'nothing/*', '--dry-run'], /--cells nothing\/\* matches no cell/],
  [['run', '--impl', 'hash,-hash'], /no implementation is left/],
  [['run', '--impl', 'all,-hsah'], /did you mean "hash"/],
  [['ab', 'main', '--runs', '3'], /Unknown argument: runs; --runs is a flag of bench run/],
  [['ab', 'main', '--peer', 'h:1'], /Unknown argument: peer; --peer is a flag of bench run/],
  [['attack', '--into', 'a', '--out', 'b'], /--out cannot be combined with --into/],
  [['dataset', 'describe', 'random', '--key', 'id'], /--key cannot be combined with data set random/],
  [['dataset', 'describe', 'file', '--size', '4'], /--size cannot be combined with data set file/],
] as const) {
  test(`refused: bench ${words.join(' ')}`, async () => {
    await assert.rejects(
      async () => commandLine(words).exitProcess(false).parseAsync(),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

test('--resume refuses every flag of the request, but those that say where files are', async () => {
  for (const flag of REQUEST_FLAGS) {
    if (!flagsOf('run').some(([name]) => name === flag)) continue;
    if (['impl', 'receiver-file', 'sender-file'].includes(flag)) continue;
    const words = ['run', '--resume', 'x', ...wordsOf(flag)];
    await assert.rejects(async () => commandLine(words).exitProcess(false).parseAsync(), {
      name: 'UsageError',
      message: new RegExp(`leave out --${flag}|needs`),
    });
  }
});
