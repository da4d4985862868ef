/** `bench attest` as a user runs it: output and exit codes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { UsageError } from '../../errors.ts';
import { assertMatches } from '../../testing/json-schema.ts';
import { commandLine } from '../index.ts';
import { timeOf } from './policy.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = join(ROOT, '../shared/data/nitro-documents');
const skip = existsSync(FOLDER)
  ? false
  : 'the genuine documents (../shared/data/nitro-documents) are not here';
const GENUINE = join(FOLDER, 'ok-2026-02-06-epsilon-prod.bin');
const DEBUG = join(FOLDER, 'ok-2021-03-05-ppmag-debug.bin');
const PCR0 =
  '6165855369654a587bdad59fa532f430d7defa38ecf57eeac6d29c7e87a32b621891862d04fb64423f6bb1e1626fc026';
const NONCE = '800863bf597055e1ab86eadef54fa5c9a906adefb68782db8e4fead2bed9a8df';
const folder = await mkdtemp(join(tmpdir(), 'attest-'));
after(() => rm(folder, { recursive: true }));

function bench(...args: string[]): { code: number | null; out: string; err: string } {
  const run = spawnSync(process.execPath, ['bench/cli.ts', 'attest', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

test('verify: accepted at its own time, with every pin', { skip }, () => {
  const run = bench(
    'verify',
    GENUINE,
    '--at',
    'document',
    '--nonce',
    NONCE,
    '--pcr0',
    PCR0.toUpperCase(),
    '--max-age',
    '0',
  );
  assert.deepEqual([run.code, run.err], [0, '']);
  assert.match(
    run.out,
    /^\S+epsilon-prod\.bin: accepted\. Module i-0761a4cbcc7632aef-enc019c320cb32f6b7a, made at 2026-02-06T08:24:18\.452Z\.\n$/,
  );
});

test('verify --json: a line per file, fields of refused ones too, exit code 1', { skip }, () => {
  const broken = join(FOLDER, 'neg-nodate-base-NEG.bin');
  const run = bench('verify', GENUINE, DEBUG, broken, '--at', '2026-02-06T08:25:00Z', '--json');
  assert.deepEqual([run.code, run.err], [1, '']);
  const [accepted, expired, unreadable, ...more] = run.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(more, []);
  for (const line of [accepted, expired, unreadable]) assertMatches('attest-verify.v1', line);
  assert.deepEqual(
    [accepted.file, accepted.verdict, accepted.reason, accepted.detail],
    [GENUINE, 'accept', null, null],
  );
  assert.equal(accepted.module_id, 'i-0761a4cbcc7632aef-enc019c320cb32f6b7a');
  assert.equal(accepted.timestamp, '2026-02-06T08:24:18.452Z');
  assert.equal(accepted.timestamp_ms, 1770366258452);
  assert.equal(accepted.pcrs['0'], PCR0);
  assert.equal(accepted.nonce, NONCE);
  assert.equal(accepted.public_key, null);
  assert.deepEqual([expired.verdict, expired.reason], ['refuse', 'certificate-expired']);
  assert.equal(expired.module_id, 'i-026ae32a18c80f866-enc01780356441553dc');
  assert.deepEqual(
    [unreadable.verdict, unreadable.reason, unreadable.module_id, unreadable.pcrs],
    ['refuse', 'wrong-type', null, null],
  );
});

test('verify: debug mode only where it is allowed', { skip }, () => {
  const refused = bench('verify', DEBUG, '--at', 'document');
  assert.equal(refused.code, 1);
  assert.match(refused.out, /refused \(debug-mode\)\. PCR 0, 1, 2 is zero/);
  assert.equal(bench('verify', DEBUG, '--at', 'document', '--allow-debug').code, 0);
});

test('verify: an unreadable file is named, the others are verified, exit code 2', { skip }, () => {
  const run = bench('verify', join(folder, 'absent'), DEBUG);
  assert.equal(run.code, 2);
  assert.match(run.err, /^bench: cannot read \S+absent: ENOENT.*\n$/);
  assert.match(run.out, /refused \(certificate-expired\)/);
});

const WRONG: Record<string, [string[], RegExp]> = {
  'no file': [['verify'], /Not enough/],
  'nothing to do': [[], /say what to do: bench attest verify, show, emulate, measure, vm/],
  'an unknown option': [['verify', 'x', '--pcr99', '00'], /Unknown argument/],
  'an empty PCR': [['verify', 'x', '--pcr0', ''], /--pcr0 expects bytes in hex/],
  'a short PCR': [['verify', 'x', '--pcr7', '0011'], /--pcr7 expected 48 bytes/],
  'a PCR twice': [['verify', 'x', '--pcr0', PCR0, '--pcr0', PCR0], /--pcr0 is given more than once/],
  'an empty nonce': [['verify', 'x', '--nonce', ''], /--nonce expects bytes in hex/],
  'a nonce that is not hex': [['verify', 'x', '--nonce', '0x11'], /--nonce expects bytes in hex/],
  'a time without zone': [['verify', 'x', '--at', '2026-01-01T00:00:00'], /--at expects a time/],
  'a time that does not exist': [['verify', 'x', '--at', '2026-13-01T00:00:00Z'], /--at expects a time/],
  'an age in words': [['verify', 'x', '--max-age', 'ten'], /--max-age expects a number/],
  'a root that is none': [['verify', 'x', '--root', 'amazon'], /--root expects a SHA-256/],
};
test('wrong usage: one line that says what is wrong', async () => {
  for (const [name, [words, message]] of Object.entries(WRONG)) {
    await assert.rejects(
      async () =>
        commandLine(['attest', ...words])
          .exitProcess(false)
          .parseAsync(),
      (error) => {
        assert.ok(error instanceof UsageError, name);
        assert.match(error.message, message, name);
        assert.doesNotMatch(error.message, /\n/, name);
        return true;
      },
    );
  }
});

test('emulate, then verify under the emulator, by name and by fingerprint, and not under AWS', () => {
  const file = join(folder, 'emulated.bin');
  const made = bench('emulate', file, '--nonce', '8f1c');
  assert.deepEqual([made.code, made.err], [0, '']);
  const fingerprint = /root ([0-9a-f]{64})\.\n$/.exec(made.out)![1]!;
  assert.equal(bench('verify', file, '--root', 'emulator', '--nonce', '8f1c', '--max-age', '600').code, 0);
  assert.equal(bench('verify', file, '--root', fingerprint).code, 0);
  assert.match(bench('verify', file).out, /refused \(root-not-pinned\)/);
  assert.match(
    bench('verify', file, '--root', 'emulator', '--nonce', '8f1d').out,
    /refused \(nonce-mismatch\)/,
  );
});

test('show prints a document, and says that it is not verified', { skip }, () => {
  const run = bench('show', GENUINE);
  assert.deepEqual([run.code, run.err], [0, '']);
  for (const part of [
    'not verified',
    'map of indefinite length',
    'i-0761a4cbcc7632aef-enc019c320cb32f6b7a',
    '2026-02-06T08:24:18.452Z',
    `PCR 0      ${PCR0}`,
    'zero PCRs  5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15',
    'public_key null',
    `nonce      ${NONCE} (32 bytes)`,
    'AWS Nitro Enclaves root G1',
    'issuer 1   C=US, O=Amazon, OU=AWS, CN=dfedcae0f253d412.ap-southeast-2.aws.nitro-enclaves',
    '2026-02-06T08:24:15.000Z to 2026-02-06T11:24:18.000Z',
  ]) {
    assert.ok(run.out.includes(part), part);
  }
});

test('show on something else says why, exit code 1', async () => {
  const file = join(folder, 'hello');
  await writeFile(file, 'hello');
  const run = bench('show', file);
  assert.deepEqual([run.code, run.out], [1, '']);
  assert.match(run.err, /is not an attestation document \(wrong-type\)/);
});

test('--help has examples', () => {
  const run = bench('verify', '--help');
  assert.equal(run.code, 0);
  assert.match(run.out, /Examples:\s+bench attest verify doc\.bin/);
  assert.match(run.out, /--pcr2 .*--pcr31/);
});

test('a document in a wrapper is named, and taken out on demand', () => {
  const cache = join(folder, 'cache');
  const document = join(folder, 'emulated.bin');
  assert.equal(bench('emulate', document, '--cache', cache).code, 0);
  const bytes = readFileSync(document);
  const wrapped = {
    base64: bytes.toString('base64'),
    hexadecimal: bytes.toString('hex'),
    'JSON list of integers': JSON.stringify([...bytes]),
  };
  const verify = ['--root', 'emulator', '--cache', cache];
  for (const [kind, text] of Object.entries(wrapped)) {
    const file = join(folder, 'wrapped');
    writeFileSync(file, text);
    const refused = bench('verify', file, ...verify);
    assert.equal(refused.code, 1);
    assert.match(refused.out, new RegExp(`refused \\(not-binary\\)\\. This is .*${kind}`));
    assert.equal(bench('verify', file, ...verify, '--decode').code, 0);
    assert.match(bench('show', file).err, /not-binary.*give --decode/);
  }
  assert.match(
    bench('verify', document, ...verify, '--user-data', '00').out,
    /refused \(user-data-mismatch\)/,
  );
  assert.match(
    bench('verify', document, ...verify, '--public-key', '04aa').out,
    /refused \(public-key-mismatch\)/,
  );
});

test('times that are none are named as what they are', () => {
  for (const [text, message] of [
    ['2026-02-30', /there is no such day/],
    ['2026-02-29T10:00:00Z', /there is no such day/],
    ['1770366258', /are these seconds\? In ms they are 1770366258000/],
    ['yesterday', /--at expects a time such as/],
    ['2026-02-06T08:24:18', /--at expects a time such as/],
  ] as const) {
    assert.throws(() => timeOf(text), message);
  }
  assert.equal(timeOf('2024-02-29'), Date.parse('2024-02-29T00:00:00Z'));
  assert.equal(timeOf('1770366258452'), 1770366258452);
  assert.equal(timeOf('document'), 'document');
});
