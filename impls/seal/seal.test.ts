import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import {
  checkImplementation,
  type PlayInput,
  play,
  runInMemory,
  testImplementation,
} from '../../bench/conformance/index.ts';
import type { Implementation, Session } from '../../bench/contract.ts';
import { packItems } from '../primitives/items.ts';
import { choosePlan } from './chooser.ts';
import seal from './index.ts';
import { dropReused } from './reuse.ts';
import { heapBytes } from './runtime.ts';

testImplementation(seal, { scale: 0.25, limitMs: 30_000 });

/** What other options may change; the rest is as with the defaults. */
const AFFECTED = [
  'handles sets of many sizes',
  'says how long a message it expects may be',
  'does not need the wire to hold what it sends',
  'gives the same transcript for the same seed',
  'sends messages whose sizes do not depend on the overlap',
  'puts no image of an item on the wire',
  'refuses truncated messages',
  'refuses messages that are too long',
  'survives garbage: a clear error or a valid result',
  'leaves nothing running after a run or a failed one',
];

for (const [name, options] of Object.entries({
  'ciphertexts as SEAL has them': { compress: 'none' },
  'powers that the sender computes': { parameters: '4096-12' },
})) {
  test(`conformance: ${name}`, async () => {
    const results = await checkImplementation(seal, { options, scale: 0.1, limitMs: 30_000, only: AFFECTED });
    for (const { name: check, outcome, reason } of results) {
      assert.equal(outcome, 'passed', `${check}: ${reason}`);
    }
  });
}

/** `count` items that begin at `from`. */
function numbers(from: number, count: number) {
  return packItems(Array.from({ length: count }, (_, i) => `patient ${from + i}`));
}

async function failures(input: PlayInput, implementation: Implementation = seal) {
  const { endings } = await play(implementation, input);
  return Object.fromEntries(
    [...endings].map(([role, ending]) => [role, ending.state === 'failed' ? String(ending.error) : '']),
  );
}

/** The parties with options of their own. */
function mixed(receiver: object, sender: object): Implementation {
  const other = (session: Session, options: object) => ({
    ...session,
    options: { ...session.options, ...options },
  });
  const any: Implementation = seal;
  return {
    ...any,
    receiver: (session) => any.receiver(other(session, receiver)),
    sender: (session) => any.sender(other(session, sender)),
  };
}

describe('seal', () => {
  test('every parameter set finds what is shared, in several parts and bundles', async () => {
    const sets = { receiver: numbers(0, 700), sender: numbers(500, 3000) };
    const expected = Uint32Array.from({ length: 200 }, (_, i) => 500 + i);
    const { parameters } = seal.options;
    assert.ok(parameters?.type === 'enum');
    for (const id of parameters.values) {
      const { result } = await runInMemory(seal, { ...sets, options: { parameters: id } });
      assert.deepEqual(result, expected, id);
    }
  });

  test('one item against many: one hash function', async () => {
    assert.equal(choosePlan({ receiver: 1, sender: 5000 }).hashes, 1);
    for (const [item, expected] of [
      [4321, [0]],
      [5000, []],
    ] as const) {
      const { result } = await runInMemory(seal, { receiver: numbers(item, 1), sender: numbers(0, 5000) });
      assert.deepEqual([...result], expected);
    }
  });

  test('engines of one group understand each other; engines of different groups say so', async () => {
    const sets = { receiver: numbers(0, 20), sender: numbers(10, 20) };
    const { endings } = await play(mixed({ engine: 'wasm' }, { engine: 'sodium' }), sets);
    assert.equal(endings.get('receiver')!.state, 'done');
    const { result } = await runInMemory(seal, { ...sets, options: { engine: 'noble' } });
    assert.equal(result.length, 10);
    const failed = await failures(sets, mixed({ engine: 'wasm' }, { engine: 'noble' }));
    assert.match(
      failed.sender!,
      /the receiver does not play "psi-seal-1 ristretto255 .* set the same options/,
    );
  });

  test('parameters that differ are detected at the handshake, by both', async () => {
    const sets = { receiver: numbers(0, 20), sender: numbers(10, 20) };
    for (const [own, other] of [
      [{ parameters: '4096-12' }, { parameters: '2048-64' }],
      [{ compress: 'none' }, { compress: 'packed' }],
    ] as const) {
      const { transcript, endings } = await play(mixed(own, other), sets);
      for (const [, ending] of endings) {
        assert.ok(ending.state === 'failed' && ending.phase === 'setup');
        assert.match(String(ending.error), /does not play .* set the same options on both sides/);
      }
      assert.ok(transcript.every(({ phase }) => phase === 'setup'));
    }
  });

  test('the same name with other contents is detected as well', async () => {
    const failed = await failures({
      receiver: numbers(0, 20),
      sender: numbers(10, 20),
      mesh: {
        tamper: ({ from, index, bytes }) => {
          if (from !== 'receiver' || index !== 0) return undefined;
          const other = bytes.slice();
          other[other.length - 1]! ^= 1;
          return other;
        },
      },
    });
    assert.match(failed.sender!, /other parameters under the name .* use the same version on both sides/);
  });

  test('a receiver that sends malformed ciphertexts gets a sentence that names the ciphertext', async () => {
    const sets = { receiver: numbers(0, 20), sender: numbers(10, 20), options: { parameters: '4096-12' } };
    const honest = await play(seal, sets);
    const powers = honest.transcript.filter(({ from, phase }) => from === 'receiver' && phase === 'online');
    // The points of the OPRF come first.
    const { index, bytes } = powers[1]!;
    const forged = async (make: (bytes: Uint8Array) => Uint8Array, party = 'sender') => {
      const tamper = (message: { from: string; index: number; bytes: Uint8Array }) =>
        message.from === 'receiver' && message.index === index ? make(message.bytes) : undefined;
      return (await failures({ ...sets, mesh: { tamper } }))[party];
    };
    const residues = bytes.length - 64;
    const outOfRange = (given: Uint8Array) => given.slice().fill(255, 0, residues);
    assert.match(
      (await forged(outOfRange))!,
      /the receiver's power 1 of part 1 was refused by SEAL: .*invalid/,
    );
    const twice = (given: Uint8Array) => new Uint8Array([...given, ...given]);
    assert.match((await forged(twice))!, /message of .* bytes/);
    assert.match((await forged((given) => given.slice(0, 100)))!, /must have \d+ bytes, got 100/);
    // Residues in range that are no encryption of anything: the sender cannot know, the receiver sees the noise.
    const zeros = await forged((given) => given.slice().fill(0, 0, residues), 'receiver');
    assert.match(zeros!, /the sender's answer 1 of part 1 has more noise/);
    const keys = honest.transcript.find(
      (m) => m.from === 'receiver' && m.phase === 'setup' && m.index === 1,
    )!;
    const badKeys = await failures({
      ...sets,
      mesh: {
        tamper: (m) =>
          m.from === 'receiver' && m.index === keys.index ? m.bytes.slice().fill(255) : undefined,
      },
    });
    assert.match(badKeys.sender!, /the receiver's relinearisation keys was refused by SEAL/);
  });

  test('an answer that is damaged, or encrypts nothing, is refused instead of being read as no match', async () => {
    const sets = { receiver: numbers(0, 20), sender: numbers(10, 20) };
    const { transcript } = await play(seal, sets);
    const last = transcript.filter(({ from }) => from === 'sender').at(-1)!;
    for (const [make, reason] of [
      [(bytes: Uint8Array) => bytes.slice().fill(0), /was refused by SEAL|encrypts nothing/],
      [(bytes: Uint8Array) => bytes.slice().fill(0, 8), /the sender's answer \d+ of part 1 encrypts nothing/],
      [(bytes: Uint8Array) => bytes.slice().fill(37, 8), /has more noise than parameter set/],
    ] as const) {
      const failed = await failures({
        ...sets,
        mesh: { tamper: (m) => (m.from === 'sender' && m.index === last.index ? make(m.bytes) : undefined) },
      });
      assert.match(failed.receiver!, reason);
    }
  });

  test('what a ciphertext takes on the wire: packed, the bits of its primes', async () => {
    const sets = { receiver: numbers(0, 20), sender: numbers(10, 20) };
    const bytes = async (options: Record<string, string>) => {
      const { transcript } = await play(seal, { ...sets, options: { parameters: '4096-12', ...options } });
      const online = transcript.filter(({ phase }) => phase === 'online');
      return online.map(({ from, bytes }) => `${from} ${bytes.length}`);
    };
    const [packed, none] = [await bytes({}), await bytes({ compress: 'none' })];
    assert.ok(packed.includes(`receiver ${(4096 * (38 + 46)) / 8 + 64}`));
    assert.ok(none.includes(`receiver ${4096 * 2 * 8 + 64}`));
    assert.ok(packed.includes(`sender ${(2 * 4096 * 38) / 8 + 8}`));
    assert.ok(none.includes(`sender ${2 * 4096 * 8 + 8}`));
  });

  test('no order of the sets shows: which bundle an item is in does not depend on its place', async () => {
    const run = async (names: string[]) => {
      const { transcript } = await play(seal, {
        receiver: numbers(0, 9),
        sender: packItems(names),
        seed: 'order',
      });
      return transcript
        .filter(({ phase }) => phase === 'online')
        .map(({ bytes }) => Buffer.from(bytes).toString('hex'));
    };
    const names = Array.from({ length: 300 }, (_, i) => `patient ${i}`);
    assert.deepEqual(await run(names.toReversed()), await run(names));
  });

  test('reuse: the second run finds its own matches with the polynomials of the first', async () => {
    const options = { reuse: true };
    const sender = numbers(0, 3000);
    const steps = async (receiver: ReturnType<typeof numbers>, own = sender) => {
      const run = await play(seal, { receiver, sender: own, options });
      const ending = run.endings.get('receiver')!;
      assert.ok(ending.state === 'done');
      const names = run.steps.filter(({ role }) => role === 'sender').map(({ name }) => name);
      return { found: [...(ending.value as Uint32Array)], names };
    };
    dropReused();
    const first = await steps(numbers(2995, 10));
    assert.deepEqual(first.found, [0, 1, 2, 3, 4]);
    assert.deepEqual(first.names, ['oprf', 'hash', 'interpolate', 'encode']);
    const second = await steps(numbers(2990, 10));
    assert.deepEqual(second.found, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(second.names, []);
    // Another set, though of the same size, is another preparation.
    const other = await steps(numbers(2990, 10), numbers(2995, 3000));
    assert.deepEqual(other.found, [5, 6, 7, 8, 9]);
    assert.equal(other.names.length, 4);
    dropReused();
  });

  test('without reuse nothing is kept: the same seedless run draws another OPRF key', async () => {
    const sets = { receiver: numbers(0, 9), sender: numbers(5, 9) };
    const [a, b] = [await play(seal, sets), await play(seal, sets)];
    const seedOf = (run: typeof a) => {
      const { bytes } = run.transcript.find(({ from, phase }) => from === 'sender' && phase === 'online')!;
      return Buffer.from(bytes).toString('hex');
    };
    assert.notEqual(seedOf(a), seedOf(b));
  });

  test("twenty queries: SEAL's memory stays as it is after the first ones", async () => {
    // Large ciphertexts, so that one that is left behind in every run would make the memory grow.
    const options = { parameters: '8192-44' };
    const sets = { receiver: numbers(0, 40), sender: numbers(20, 300) };
    const run = async (count: number) => {
      for (let i = 0; i < count; i++) await runInMemory(seal, { ...sets, options });
    };
    await run(3);
    const before = heapBytes();
    await run(20);
    assert.equal(heapBytes(), before);
  });

  test('FEBRL, 5,000 against 5,000 records by soc_sec_id: 4,561 are shared', async (context) => {
    const folder = new URL('../../../shared/data/febrl4/', import.meta.url);
    if (!existsSync(folder)) return context.skip('the data set is not here: ../shared/data/febrl4');
    const column = (file: string) => {
      const rows = parse(readFileSync(new URL(file, folder)), {
        columns: (names: string[]) => names.map((name) => name.trim()),
        trim: true,
      }) as Record<string, string>[];
      return packItems([...new Set(rows.map((row) => row.soc_sec_id!).filter((value) => value !== ''))]);
    };
    const { result } = await runInMemory(seal, { receiver: column('a.csv'), sender: column('b.csv') });
    assert.equal(result.length, 4561);
  });
});
