/**
 * What a hostile host can do, and that each time the clients stop with a clear error and have not sent
 * anything about their items.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Play, type PlayInput, play } from '../../bench/conformance/index.ts';
import type { Implementation, Phase, Role, Session } from '../../bench/contract.ts';
import { packItems } from '../primitives/items.ts';
import { KEY_LENGTH } from '../primitives/secure-channel/key-length.ts';
import { RECORD_OVERHEAD } from '../primitives/secure-channel/records.ts';
import { GREETING_LENGTH } from '../primitives/third-party/greeting.ts';
import { AWS_ROOT_G1 } from './attestation/policy.ts';
import { AttestationError } from './attested/check.ts';
import { NONCE_LENGTH, unframeDocument } from './document-frame.ts';
import { PSI_GUEST } from './guests/psi-guest.ts';
import { EnclaveKeeper, hostParty } from './host.ts';
import { enclaveImplementation, type Variation } from './implementation.ts';
import { buildImage, manifestOf, measureImage } from './runtime/image.ts';

const HOUR = 3_600_000;
const items = {
  receiver: packItems(['alice', 'bob', 'carol', 'dave']),
  sender: packItems(['bob', 'dave', 'erin']),
};
type Tamper = NonNullable<NonNullable<PlayInput['mesh']>['tamper']>;

const variant = (variation: Variation = {}) => enclaveImplementation('plain', variation);

async function run(implementation: Implementation, tamper?: Tamper): Promise<Play> {
  return play(implementation, {
    ...items,
    limitMs: 20_000,
    mesh: { hopelessMs: 100, idleMs: 2_000, ...(tamper && { tamper }) },
  });
}

function errorOf({ endings }: Play, role: Role): { error: Error; phase: Phase } {
  const ending = endings.get(role);
  assert.ok(ending?.state === 'failed', `the ${role} did not fail`);
  return { error: ending.error as Error, phase: ending.phase };
}

/** Bytes that `role` sent, by phase. */
function sent({ transcript }: Play, role: Role, phase: Phase): number {
  return transcript.reduce((sum, m) => sum + (m.from === role && m.phase === phase ? m.bytes.length : 0), 0);
}

/** Both clients sent nothing but a nonce: no key, no greeting, and certainly no item. */
function assertOnlyNonces(result: Play): void {
  for (const role of ['receiver', 'sender'] as const) {
    assert.ok(sent(result, role, 'setup') <= NONCE_LENGTH, `the ${role} sent more than a nonce`);
    assert.equal(sent(result, role, 'online'), 0);
  }
}

function assertRefused(result: Play, reason: AttestationError['reason']): void {
  const errors = (['receiver', 'sender'] as const).map((role) => errorOf(result, role).error);
  const refusals = errors.filter((error) => error instanceof AttestationError);
  // One client may be told of the other's end before it has looked at its own document.
  assert.ok(refusals.length > 0, errors.map(String).join('; '));
  for (const refusal of refusals) {
    assert.equal(refusal.reason, reason);
    assert.match(refusal.message, /the enclave's attestation was refused/);
  }
  assertOnlyNonces(result);
}

const genuine = variant();

test('the run that is attacked below succeeds when nobody attacks it', async () => {
  const result = await run(genuine);
  const ending = result.endings.get('receiver');
  assert.deepEqual(ending?.state === 'done' && ending.value, Uint32Array.of(1, 3));
});

describe('an enclave that is not the one expected', () => {
  test('its code was changed by one byte', async () => {
    const image = new Map(buildImage(PSI_GUEST));
    const { guest } = manifestOf(image);
    image.set(guest, Buffer.concat([image.get(guest) ?? assert.fail(), Buffer.from(' ')]));
    assertRefused(await run(variant({ launch: { image } })), 'pcr-mismatch');
  });

  test('other code, that runs just as well: the client pins other PCRs', async () => {
    const pcrs = { 0: new Uint8Array(48).fill(1) };
    assertRefused(await run(variant({ expect: { pcrs } })), 'pcr-mismatch');
  });

  test('it runs in debug mode', async () => {
    assertRefused(await run(variant({ launch: { debug: true } })), 'debug-mode');
  });

  test('it attests no key', async () => {
    const image = new Map(buildImage(PSI_GUEST));
    const { guest } = manifestOf(image);
    const source = Buffer.from(image.get(guest) ?? []).toString();
    const changed = source.replace(/(\.attest\(\{ nonce[^}]*?, )publicKey, /, '$1');
    assert.equal(changed.length, source.length - 'publicKey, '.length);
    image.set(guest, Buffer.from(changed));
    // Even if its client expects this very code.
    const { pcrs } = measureImage(image);
    assertRefused(await run(variant({ launch: { image }, expect: { pcrs } })), 'no-public-key');
  });

  test('it is an emulator, and the client pins AWS', async () => {
    assertRefused(await run(variant({ expect: { roots: [AWS_ROOT_G1] } })), 'root-not-pinned');
  });

  test('its certificates have expired', async () => {
    const clock = () => Date.now() - 4 * HOUR;
    assertRefused(await run(variant({ launch: { clock } })), 'certificate-expired');
  });

  test('its document is older than the client accepts', async () => {
    const clock = () => Date.now() - HOUR;
    assertRefused(await run(variant({ launch: { clock } })), 'document-too-old');
  });

  test('its clock is ahead', async () => {
    const clock = () => Date.now() + HOUR;
    assertRefused(await run(variant({ launch: { clock } })), 'certificate-not-yet-valid');
  });
});

describe('a host that forges', () => {
  let old: { receiver: Uint8Array; sender: Uint8Array };
  before(async () => {
    const { transcript } = await run(genuine);
    const document = (to: Role) => transcript.find((m) => m.from === 'helper' && m.to === to)!.bytes;
    old = { receiver: document('receiver'), sender: document('sender') };
  });
  const insteadOfDocument =
    (change: (document: Uint8Array, to: Role) => Uint8Array): Tamper =>
    ({ from, to, index, bytes }) =>
      from === 'helper' && index === 0 ? change(new Uint8Array(bytes), to) : undefined;

  test('replays the document of another run', async () => {
    const tamper = insteadOfDocument((_, to) => old[to as 'receiver' | 'sender']);
    assertRefused(await run(genuine, tamper), 'nonce-mismatch');
  });

  test("gives one client the other's document", async () => {
    let other: Uint8Array | undefined;
    const tamper: Tamper = ({ from, to, index, bytes }) => {
      if (from !== 'helper' || index !== 0) return undefined;
      if (to === 'receiver') other = new Uint8Array(bytes);
      return to === 'sender' ? other : undefined;
    };
    const result = await run(genuine, tamper);
    assert.ok(other);
    const { error } = errorOf(result, 'sender');
    assert.equal((error as AttestationError).reason, 'nonce-mismatch');
    assert.equal(sent(result, 'sender', 'setup'), NONCE_LENGTH);
    assert.equal(sent(result, 'receiver', 'online'), 0);
  });

  test('asks for a document with a nonce of its own', async () => {
    const tamper: Tamper = ({ to, index }) =>
      to === 'helper' && index === 0 ? new Uint8Array(NONCE_LENGTH).fill(9) : undefined;
    assertRefused(await run(genuine, tamper), 'nonce-mismatch');
  });

  test('puts its own public key into the document', async () => {
    const tamper = insteadOfDocument((frame) => {
      const document = unframeDocument(frame);
      const name = Buffer.from(document).indexOf('public_key');
      assert.ok(name > 0);
      // The key is a byte string of 32 bytes behind its name: 0x58 0x20.
      assert.deepEqual([...document.subarray(name + 10, name + 12)], [0x58, 0x20]);
      document.fill(9, name + 12, name + 12 + KEY_LENGTH);
      return frame;
    });
    assertRefused(await run(genuine, tamper), 'document-signature');
  });

  test('sends something that is no document', async () => {
    for (const message of [new Uint8Array(0), new Uint8Array(10), new Uint8Array(8192)]) {
      const result = await run(
        genuine,
        insteadOfDocument(() => message),
      );
      assertOnlyNonces(result);
      const { error } = errorOf(result, 'receiver');
      assert.match(error.message, /attestation document|is gone/);
    }
  });

  test('brings in a party of its own: the enclave joins only clients that name each other', async () => {
    // A stranger's key in the place of the peer's: the enclave refuses to join the two.
    const result = await run(genuine, ({ from, to, bytes }) =>
      from === 'sender' && to === 'receiver' ? new Uint8Array(bytes).fill(9) : undefined,
    );
    assert.match(errorOf(result, 'receiver').error.message, /not the one that this party asked for/);
    assert.equal(sent(result, 'receiver', 'online'), 0);
    assert.equal(sent(result, 'sender', 'online'), 0);
  });
});

describe('a host that tampers with records', () => {
  // Messages to the enclave: nonce, encapsulated key, greeting (a record), upload (a record).
  // Messages from it: document, welcome (a record), answer (a record).
  const change: Record<string, (bytes: Uint8Array, previous: Uint8Array) => Uint8Array | 'stall'> = {
    drops: () => 'stall',
    alters: (bytes) => {
      bytes[bytes.length >> 1]! ^= 1;
      return bytes;
    },
    'cuts short': (bytes) => bytes.subarray(0, bytes.length - 1),
    'replaces by an earlier one': (_, previous) => previous,
  };
  const tamperWith = (from: Role, to: Role, index: number, how: (typeof change)[string]): Tamper => {
    let previous = new Uint8Array(0);
    return (message) => {
      if (message.from !== from || message.to !== to) return undefined;
      const now = new Uint8Array(message.bytes);
      const result = message.index === index ? how(now.slice(), previous) : undefined;
      previous = now;
      return result;
    };
  };

  for (const [name, how] of Object.entries(change)) {
    for (const role of ['receiver', 'sender'] as const) {
      test(`${name}: the ${role}'s key or greeting, the welcome: no item is sent`, async () => {
        for (const [from, to, index] of [
          [role, 'helper', 1],
          [role, 'helper', 2],
          ['helper', role, 1],
        ] as const) {
          const result = await run(genuine, tamperWith(from, to, index, how));
          const { error, phase } = errorOf(result, role);
          assert.equal(phase, 'setup');
          assert.ok(error.message.length > 20, error.message);
          assert.ok(
            sent(result, role, 'setup') <= NONCE_LENGTH + 2 * KEY_LENGTH + GREETING_LENGTH + RECORD_OVERHEAD,
          );
          for (const client of ['receiver', 'sender'] as const)
            assert.equal(sent(result, client, 'online'), 0);
        }
      });

      test(`${name}: the ${role}'s upload or answer: the receiver gets an error, never a result`, async () => {
        for (const [from, to, index] of [
          [role, 'helper', 3],
          ['helper', role, 2],
        ] as const) {
          const result = await run(genuine, tamperWith(from, to, index, how));
          const { error } = errorOf(result, role);
          assert.ok(error.message.length > 20, error.message);
          if (to === 'helper' || role === 'receiver') errorOf(result, 'receiver');
        }
      });
    }
  }

  test('errors name what was found', async () => {
    const altered = await run(genuine, tamperWith('helper', 'receiver', 2, change.alters!));
    assert.match(errorOf(altered, 'receiver').error.message, /record 1 of the encrypted channel was altered/);
    const repeated = await run(
      genuine,
      tamperWith('receiver', 'helper', 3, change['replaces by an earlier one']!),
    );
    assert.match(errorOf(repeated, 'helper').error.message, /record 0 .* arrived a second time/);
    const skipped = await run(genuine, ({ from, to, index, bytes }) => {
      if (from !== 'receiver' || to !== 'helper' || index !== 3) return undefined;
      // As if a record had been left out: the next one in its place.
      const record = new Uint8Array(bytes);
      record[4] = 2;
      return record;
    });
    assert.match(
      errorOf(skipped, 'helper').error.message,
      /record 1 .* is missing: record 2 came in its place/,
    );
  });
});

test('an enclave that dies fails the run that it was in, and the next run gets a new one', async () => {
  const keeper = new EnclaveKeeper({ guest: PSI_GUEST });
  const implementation = { ...genuine, helper: (session: Session) => hostParty(session, keeper) };
  const dying = await run(implementation, ({ from, to, index }) => {
    if (from === 'receiver' && to === 'helper' && index === 2) void keeper.close();
    return undefined;
  });
  assert.match(errorOf(dying, 'helper').error.message, /the enclave was closed/);
  assert.equal(sent(dying, 'receiver', 'online'), 0);
  assert.equal((await run(implementation)).endings.get('receiver')?.state, 'done');
  await keeper.close();
});

test('after all these attacks the same enclave still serves', async () => {
  const result = await run(genuine);
  assert.equal(result.endings.get('receiver')?.state, 'done');
});
