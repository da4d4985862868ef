/**
 * The enclave in a virtual machine, with either kind of devices: results, the attacks of `attacks.test.ts` that
 * depend on what was started, and the security module through Linux's own driver. Skipped, with the reason,
 * where parts are missing: docs/nitro.md.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { type Play, type PlayInput, play } from '../../../bench/conformance/index.ts';
import type { ItemSet } from '../../../bench/contract.ts';
import { packItems } from '../../primitives/items.ts';
import { AWS_ROOT_G1 } from '../attestation/policy.ts';
import { PSI_GUEST } from '../guests/psi-guest.ts';
import { enclaveImplementation, type Variation } from '../implementation.ts';
import { buildImage, type Image, manifestOf } from '../runtime/image.ts';
import { launchEnclave } from '../runtime/launcher.ts';
import { probe } from './accelerator.ts';
import { kernelDevices } from './devices.ts';
import { launchOptions, sourceOf } from './isolation-option.ts';
import { findParts } from './parts.ts';

const parts = findParts();
const machine = await probe();
const FEBRL = new URL('../../../../shared/data/febrl4/', import.meta.url);
const LIMIT_MS = 400_000;

const items = {
  receiver: packItems(['alice', 'bob', 'carol', 'dave']),
  sender: packItems(['bob', 'dave', 'erin']),
};

function missing(devices: 'serial' | 'kernel'): string | false {
  if (!machine.works) return machine.reason;
  if (typeof parts === 'string') return parts;
  const available = devices === 'serial' || kernelDevices(parts);
  return available === true ? false : available;
}

function run(
  devices: string,
  variation: Variation = {},
  sets: { receiver: ItemSet; sender: ItemSet } = items,
  tamper?: NonNullable<PlayInput['mesh']>['tamper'],
): Promise<Play> {
  const options = { isolation: 'vm', devices };
  return play(enclaveImplementation('plain', variation), {
    ...sets,
    options,
    limitMs: LIMIT_MS,
    mesh: { idleMs: LIMIT_MS, ...(tamper && { tamper }) },
  });
}

function errorsOf({ endings }: Play): string {
  return [...endings.values()]
    .map((ending) => (ending.state === 'failed' ? String(ending.error) : ending.state))
    .join('\n');
}

function nothingButNonces({ transcript }: Play): void {
  for (const { from, bytes } of transcript) if (from !== 'helper') assert.ok(bytes.length <= 32);
}

for (const devices of ['serial', 'kernel'] as const) {
  describe(`a machine with ${devices} devices`, { skip: missing(devices) }, () => {
    const source = sourceOf(PSI_GUEST, devices);

    test('finds the intersection', async () => {
      const { endings } = await run(devices);
      const ending = endings.get('receiver');
      assert.deepEqual(ending?.state === 'done' && ending.value, Uint32Array.of(1, 3));
    });

    test('code that was changed by one byte is refused, and no client sends more than a nonce', async () => {
      const image: Map<string, Uint8Array> = new Map(buildImage(source));
      const { guest } = manifestOf(image);
      image.set(guest, Buffer.concat([image.get(guest) ?? assert.fail(), Buffer.from(' ')]));
      const changed: Image = image;
      const result = await run(devices, { launch: { image: changed } });
      assert.match(errorsOf(result), /refused \(pcr-mismatch\)/);
      nothingButNonces(result);
    });

    test("AWS's root, pinned, refuses it", async () => {
      const result = await run(devices, { expect: { roots: [AWS_ROOT_G1] } });
      assert.match(errorsOf(result), /refused \(root-not-pinned\)/);
      nothingButNonces(result);
    });

    test('a document of another run is refused', async () => {
      const { transcript } = await run(devices);
      const old = transcript.find(({ from, to }) => from === 'helper' && to === 'receiver')?.bytes;
      assert.ok(old);
      const result = await run(devices, {}, items, ({ from, index }) =>
        from === 'helper' && index === 0 ? new Uint8Array(old) : undefined,
      );
      assert.match(errorsOf(result), /refused \(nonce-mismatch\)/);
      nothingButNonces(result);
    });

    test('an answer that was altered is an error, never a result', async () => {
      const result = await run(devices, {}, items, ({ from, to, index, bytes }) => {
        if (from !== 'helper' || to !== 'receiver' || index !== 2) return undefined;
        const altered = new Uint8Array(bytes);
        const middle = altered.length >> 1;
        altered.set([(altered[middle] ?? 0) ^ 1], middle);
        return altered;
      });
      assert.match(errorsOf(result), /record 1 of the encrypted channel was altered/);
    });

    test('debug mode is refused', async () => {
      const result = await run(devices, { launch: { debug: true } });
      assert.match(errorsOf(result), /refused \(debug-mode\)/);
    });

    test('a document of an hour ago is refused', async () => {
      const result = await run(devices, { launch: { clock: () => Date.now() - 3_600_000 } });
      assert.match(errorsOf(result), /refused \(/);
      nothingButNonces(result);
    });
  });
}

test('FEBRL: 4,561 shared patients', { skip: missing('serial') || !existsSync(FEBRL) }, async () => {
  const column = (file: string) => {
    const rows = parse(readFileSync(new URL(file, FEBRL)), { columns: true, trim: true }) as {
      soc_sec_id: string;
    }[];
    return packItems([...new Set(rows.map((row) => row.soc_sec_id).filter((id) => id !== ''))]);
  };
  const sets = { receiver: column('a.csv'), sender: column('b.csv') };
  const { endings } = await run('auto', {}, sets);
  const ending = endings.get('receiver');
  assert.equal(ending?.state === 'done' && (ending.value as Uint32Array).length, 4561);
});

test("all seven requests through Linux's driver, its limits and errors", {
  skip: missing('kernel'),
}, async () => {
  const options = { isolation: 'vm', devices: 'kernel' } as const;
  const enclave = await launchEnclave(launchOptions('impls/enclave/vm/nsm-guest.ts', options));
  try {
    const connection = enclave.connect('report');
    const report = JSON.parse(Buffer.from(await connection.receive()).toString());
    assert.deepEqual(report, {
      describe: { digest: 'SHA384', maxPcrs: 32 },
      random: 64,
      pcrLocked: true,
      extended: 48,
      lockedThen: 'ReadOnlyIndex',
      range: true,
      document: true,
      largest: true,
      tooLarge: 'InputTooLarge',
      badIndex: 'InvalidIndex',
      // The permission model holds in a machine too.
      outside: 'ERR_ACCESS_DENIED',
    });
  } finally {
    enclave.close();
  }
});
