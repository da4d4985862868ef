/** Described programs as implementations: one that works, and ways to fail. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { packItems } from '../../impls/primitives/items.ts';
import { play, runInMemory } from '../conformance/index.ts';
import type { Implementation } from '../contract.ts';
import { findImplementations } from '../implementations/find.ts';
import { sourceHash } from '../implementations/source.ts';
import { ownDescendants } from '../machine/processes.ts';
import { emptyFolder } from '../testing/cli.ts';

const EXAMPLE = fileURLToPath(new URL('../../docs/peers/python-dh.json', import.meta.url));
const python = spawnSync('python3', ['--version']).status === 0;
const NO_PYTHON = 'there is no python3 here';

let dir: string;
before(async () => {
  dir = await emptyFolder();
});

type Json = Record<string, unknown>;
const SETS = { receiver: packItems(['a', 'b', 'c']), sender: packItems(['c', 'x', 'a', 'y']) };

/** The example's description with changes, loaded as the command line loads it. */
async function described(changes: Json): Promise<{ implementation: Implementation; path: string }> {
  const description = {
    ...(JSON.parse(readFileSync(EXAMPLE, 'utf8')) as Json),
    versionCommand: undefined,
    ...changes,
  };
  const path = join(dir, `${String(changes.id ?? 'program')}.json`);
  writeFileSync(path, JSON.stringify(description));
  const [located] = await findImplementations([path]);
  assert.ok(located?.external);
  return { implementation: located.implementation, path };
}

const shell = (script: string) => ['sh', '-c', script, 'sh', '{port}', '{items}', '{result}'];

/** The first failures of both parties, as a run of `receiver` against `sender` ends. */
async function failures(
  receiver: string,
  sender: string,
  changes: Json = {},
): Promise<Record<string, string>> {
  const { implementation } = await described({
    ...changes,
    receiver: shell(receiver),
    sender: shell(sender),
  });
  const { endings, violations } = await play(implementation, { ...SETS, limitMs: 10_000 });
  assert.deepEqual(violations, []);
  const said = [...endings].map(([role, end]) => [
    role,
    end.state === 'failed' ? (end.error as Error).message : end.state,
  ]);
  return Object.fromEntries(said) as Record<string, string>;
}

test('the example finds what is shared, in three flights, and what it used is known', {
  skip: !python && NO_PYTHON,
}, async () => {
  const [located] = await findImplementations([EXAMPLE]);
  assert.ok(located);
  const { implementation } = located;
  assert.match(implementation.engine?.({}) ?? '', /^python3 \(Python 3\./);
  const { result, flights, usage, steps, counts } = await runInMemory(implementation, SETS);
  assert.deepEqual(result, Uint32Array.of(0, 2));
  assert.equal(flights.online, 3);
  // Two answers of three and four elements of 256 bytes cross, and the four and three that they answer.
  const bytes = counts.reduce((sum, count) => sum + count.bytes, 0);
  assert.ok(bytes >= 10 * 256 && bytes < 10 * 256 + 400, String(bytes));
  for (const { cpuMs, peakBytes } of usage) {
    assert.ok(cpuMs > 5, `${cpuMs} ms of CPU`);
    assert.ok(process.platform !== 'linux' || peakBytes > 4e6, `${peakBytes} bytes`);
  }
  assert.equal(usage.length, 2);
  assert.deepEqual(steps.map(({ name }) => name).sort(), ['read result', 'write items', 'write items']);
  assert.equal(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`psi-program-${process.pid}-`)).length,
    0,
  );
  assert.equal(ownDescendants().count, 0);
});

test('a program that fails is named with its exit code and its last words; the other one is not blamed', async () => {
  const both = await failures('sleep 5', 'echo started >&2; echo "bad flag -x" >&2; exit 3');
  assert.equal(both.sender, "the sender's program sh ended with exit code 3; its last words: bad flag -x");
  assert.match(both.receiver ?? '', /the sender's program failed|the sender is gone/);
});

test('a killed program, and one that says what is wrong on its output and ends well', async () => {
  const killed = await failures('kill -KILL $$', 'sleep 5');
  assert.equal(killed.receiver, "the receiver's program sh was killed by SIGKILL");
  const quiet = await failures('printf "\\033[31mException: bad file\\033[0m\\n"', 'sleep 5');
  assert.equal(
    quiet.receiver,
    "the receiver's program sh ended without a connection to the other one; its last words: Exception: bad file",
  );
});

test('nobody connects, in time', async () => {
  const { receiver, sender } = await failures('sleep 5', 'sleep 5', { connectSeconds: 1 });
  assert.match(`${receiver} ${sender}`, /program sh had no connection to the other one within 1 s/);
});

test('what is not installed is unavailable, with what to do', async () => {
  const { implementation } = await described({
    sender: ['./not-there', '{port}'],
    install: 'run make in src',
  });
  assert.equal(
    await implementation.available({}),
    'the program ./not-there is not installed: run make in src',
  );
});

test('an untried description says so, and neither messages nor randomness are held against it', async () => {
  const { implementation } = await described({ tried: false });
  assert.match(implementation.summary, /\(This description has not been tried\.\)$/);
  assert.deepEqual(implementation.program, { tried: false, anyBytes: true });
  assert.equal(implementation.build, 'native');
});

test('the hash in the record changes with the program, its script and its description', async () => {
  writeFileSync(join(dir, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(dir, 'script'), 'one');
  writeFileSync(join(dir, 'library'), 'one');
  const changes = {
    id: 'hashed',
    receiver: ['./run.sh', '{folder}/script', '{result}'],
    sender: ['./run.sh'],
    files: ['library'],
  };
  const { path } = await described(changes);
  const seen = new Set([await sourceHash(path)]);
  for (const name of ['run.sh', 'script', 'library']) {
    writeFileSync(join(dir, name), `${readFileSync(join(dir, name), 'utf8')}# changed\n`);
    seen.add(await sourceHash(path));
  }
  await described({ ...changes, version: '2' });
  seen.add(await sourceHash(path));
  assert.equal(seen.size, 5);
});
