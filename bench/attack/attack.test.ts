import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { itemAt } from '../../impls/primitives/items.ts';
import type { Message } from '../conformance/memory-channel.ts';
import { builtIn } from '../implementations/find.ts';
import { captureEnvironment } from '../record/environment.ts';
import { attack, makeTarget } from './attack.ts';
import { BATCH, identifierDictionary, listDictionary, nameDictionary } from './dictionary.ts';
import { attackImplementation } from './exhibit.ts';
import { observeJoins } from './host-view.ts';
import { newAttackRecord, readAttack, writeAttack } from './record.ts';
import { makeVictims } from './victims.ts';

const OPTIONS = { size: 2 ** 11, privateSize: 2 ** 5, guesses: 2 ** 18, seed: '3' };

const message = (phase: Message['phase'], bytes: Uint8Array): Message => ({
  from: 'sender',
  to: 'receiver',
  phase,
  index: 0,
  flight: 1,
  after: 0,
  bytes,
});
const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

describe('dictionaries', () => {
  for (const make of [identifierDictionary, nameDictionary, () => listDictionary(['a', 'bc', '', 'd'])]) {
    const dictionary = make();
    test(`${dictionary.id}: a guess is where indexOf says, also across batches`, () => {
      for (const from of [0, 1, BATCH - 3, Math.floor(dictionary.size / 2), dictionary.size - 7]) {
        if (from < 0 || from >= dictionary.size) continue;
        const items = dictionary.batch(from, Math.min(7, dictionary.size - from));
        const texts = Array.from({ length: items.count }, (_, i) => Buffer.from(itemAt(items, i)).toString());
        texts.forEach((text, i) => {
          assert.equal(dictionary.indexOf(text), from + i, text);
        });
      }
      assert.equal(dictionary.indexOf('no such item|1999-02-30'), -1);
    });
  }

  test('every generated patient is in both of the spaces', () => {
    const ids = makeVictims(200, ['identifier'], '1');
    const names = makeVictims(200, ['given_name', 'surname', 'birth_date'], '1');
    const [identifiers, people] = [identifierDictionary(), nameDictionary()];
    for (const item of ids.sender) assert.ok(identifiers.indexOf(item) >= 0, item);
    for (const item of names.sender) assert.ok(people.indexOf(item) >= 0, item);
  });
});

describe('the attack', () => {
  test('recovers what a comparison of all digests by node:crypto finds, and nothing else', async () => {
    const hash = (await builtIn()).find(({ implementation }) => implementation.id === 'hash')!;
    const rows = await attackImplementation(hash.implementation, OPTIONS);
    assert.deepEqual(
      rows.map((row) => [row.options, row.dictionary.split(' ')[0]]),
      ['', 'salt=true'].flatMap((options) => ['a', 'all', 'common'].map((word) => [options, word])),
    );
    for (const row of rows) {
      assert.deepEqual([row.recovered, row.mistaken], [row.withinReach, 0], JSON.stringify(row));
      assert.equal(row.unshared, 1024);
      assert.ok(row.guessesPerSecond > 0 && row.kernelGuessesPerSecond > row.guessesPerSecond);
    }
    assert.deepEqual([rows[0]!.recovered, rows[3]!.recovered], [1024, 1024]);
    // Brute force: walk through the guesses, and see which are a sender's own.
    const { unshared } = makeVictims(OPTIONS.size, ['given_name', 'surname', 'birth_date'], OPTIONS.seed);
    const dictionary = nameDictionary();
    const wanted = new Set(unshared);
    let found = 0;
    for (let from = 0; from < OPTIONS.guesses; from += BATCH) {
      const items = dictionary.batch(from, BATCH);
      for (let i = 0; i < BATCH; i++) if (wanted.has(Buffer.from(itemAt(items, i)).toString())) found++;
    }
    assert.equal(rows[2]!.recovered, found);
    assert.ok(found > 0);
  });

  test('finds a digest at any offset, with a salt from setup, and items in clear; nothing in noise', () => {
    const sizes = { receiver: 16, sender: 16 };
    const salt = randomBytes(32);
    const words = ['alpha-alpha', 'beta-beta', 'gamma-gamma', 'delta-delta'];
    const transcript = [
      message('setup', salt),
      message('online', Buffer.concat([randomBytes(3), sha256(words[0]!), Buffer.from(words[2]!)])),
      message('online', Buffer.concat([randomBytes(300), sha256(salt, words[1]!).subarray(0, 6)])),
    ];
    const dictionary = listDictionary(words);
    assert.deepEqual(attack(makeTarget(transcript, sizes), dictionary).found, words.slice(0, 3));
    assert.deepEqual(attack(makeTarget(transcript, sizes, false), dictionary).found, words.slice(0, 1));
    assert.deepEqual(attack(makeTarget(transcript, sizes, true), dictionary).found, words.slice(1, 2));
    const noise = [message('online', randomBytes(10_000))];
    assert.deepEqual(attack(makeTarget(noise, sizes), dictionary).found, []);
    assert.deepEqual(attack(makeTarget([], sizes), dictionary).found, []);
  });

  test('finds nothing in the transcripts of what is declared private, with everybody in the dictionary', async (t) => {
    for (const { implementation } of await builtIn()) {
      if (!implementation.security.private) continue;
      await t.test(implementation.id, async (context) => {
        const { options } = implementation;
        const defaults = Object.fromEntries(
          Object.entries(options).map(([name, spec]) => [name, spec.default]),
        );
        const available = await implementation.available(defaults);
        if (available !== true) return context.skip(available);
        const [row, ...others] = await attackImplementation(implementation, OPTIONS);
        assert.equal(others.length, 0);
        assert.deepEqual([row!.withinReach, row!.recovered, row!.mistaken], [16, 0, 0]);
        assert.ok(row!.windows > 0);
      });
    }
  });
});

test("the enclave's host reads every shared item off the plain join, nothing off the oblivious one", async () => {
  const [plain, oblivious] = await observeJoins(64);
  assert.deepEqual([plain!.join, plain!.shared, plain!.pickedOut], ['plain', 48, 48]);
  assert.notEqual(plain!.firstDifference, null);
  assert.deepEqual(
    [oblivious!.join, oblivious!.shared, oblivious!.pickedOut, oblivious!.firstDifference],
    ['oblivious', 48, null, null],
  );
  assert.equal(oblivious!.events[0], oblivious!.events[1]);
  assert.ok(oblivious!.events[0] > 1000);
});

describe('the record', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'psi-bench-attack-'));
  });
  after(() => rm(dir, { recursive: true }));

  test('reads back as it was written; is null where there is none; is refused when malformed', async () => {
    assert.equal(await readAttack(dir), null);
    const facts = { run: 'x', started: '2026-01-01T00:00:00.000Z', command: 'bench attack', seed: '1' };
    const record = newAttackRecord(await captureEnvironment(facts, dir), [], await observeJoins(16));
    await writeAttack(dir, record);
    assert.deepEqual(await readAttack(dir), record);
    for (const text of ['{', '{}', '{"schema":2}', 'null']) {
      await writeFile(join(dir, 'attack.json'), text);
      await assert.rejects(readAttack(dir), {
        name: 'RecordError',
        message: /make it again with bench attack/,
      });
    }
  });
});
