/**
 * The driver for /dev/nsm, as far as a machine without the device allows: bytes against `linux/nsm.h`, and the driver
 * against a kernel that is simulated by addresses; the system call itself is tried on an ordinary file. With Linux's
 * own driver: `vm/machine.slow.ts`.
 */
import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifyDocument } from '../attestation/verify.ts';
import { createEmulatorPki } from './certificates/pki.ts';
import { EmulatedNsm } from './emulated.ts';
import { ffiMemory } from './ffi.ts';
import { encodeRequest, encodeResponse } from './messages.ts';
import { type NsmDevice, securityModule } from './module.ts';
import type { NativeBuffer, NativeMemory } from './native-memory.ts';
import { openNitroNsm } from './nitro.ts';
import { encodeNsmRaw, iowr, NSM_IOCTL_RAW, responseLength } from './nsm-ioctl.ts';
import { bootPcr } from './pcr.ts';

const folder = await mkdtemp(join(tmpdir(), 'nsm-'));
const path = join(folder, 'nsm');
await writeFile(path, '');
after(() => rm(folder, { recursive: true }));

test('the ioctl numbers of linux/nsm.h', () => {
  assert.equal(NSM_IOCTL_RAW, 0xc0200a00);
  // Known values of the same macro elsewhere: FIFREEZE = _IOWR('X', 119, int), KVM-like sizes.
  assert.equal(iowr(0x58, 119, 4), 0xc0045877);
});

test('struct nsm_raw: two iovecs, little-endian', () => {
  const raw = encodeNsmRaw(
    { address: 0x0000_7f01_0203_0405n, length: 0x0abc },
    { address: 0xffff_8000_0000_1000n, length: 0x3000 },
  );
  assert.equal(
    Buffer.from(raw).toString('hex'),
    '05040302017f0000' + 'bc0a000000000000' + '001000000080ffff' + '0030000000000000',
  );
  assert.equal(responseLength(raw), 0x3000);
});

/** A kernel that finds memory by address, as the real one does, and answers with `answer`. */
function simulatedKernel(
  answer: (request: Uint8Array) => Uint8Array | number,
): NativeMemory & { readonly live: number } {
  const memory = new Map<bigint, Uint8Array>();
  let next = 0x7000_0000_0000n;
  return {
    get live() {
      return memory.size;
    },
    allocate(length): NativeBuffer {
      const address = next;
      next += 0x10000n;
      const bytes = new Uint8Array(length);
      memory.set(address, bytes);
      return { address, bytes, free: () => memory.delete(address) };
    },
    ioctl(fd, request, argument) {
      assert.ok(fd > 2);
      assert.equal(request, 0xc0200a00);
      const raw = new DataView(memory.get(argument.address)!.buffer);
      assert.equal(raw.byteLength, 32);
      const word = (i: number) => raw.getBigUint64(8 * i, true);
      const input = memory.get(word(0))!;
      const output = memory.get(word(2))!;
      assert.equal(BigInt(input.length), word(1));
      assert.equal(word(3), 0x3000n);
      const result = answer(input);
      if (typeof result === 'number') return result;
      output.set(result.subarray(0, output.length));
      raw.setBigUint64(24, BigInt(result.length), true);
      return 0;
    },
  };
}

test('a request reaches the kernel and its answer comes back', async () => {
  const answer = encodeResponse({ type: 'GetRandom', random: new Uint8Array(256).fill(5) });
  const seen: Uint8Array[] = [];
  const memory = simulatedKernel((request) => {
    seen.push(request.slice());
    return answer;
  });
  const nsm = securityModule(await openNitroNsm({ path, memory }));
  assert.equal(nsm.kind, 'nitro');
  assert.deepEqual(await nsm.random(3), new Uint8Array(3).fill(5));
  assert.deepEqual(seen, [encodeRequest({ type: 'GetRandom' })]);
  assert.equal(memory.live, 0); // Nothing leaks.
  await nsm.close();
});

test('a document as long as they get passes through', async () => {
  const pki = await createEmulatorPki();
  const emulated: NsmDevice = new EmulatedNsm({ pki, pcrs: [0, 1, 2].map((i) => bootPcr(Uint8Array.of(i))) });
  const nonce = new Uint8Array(1024).fill(1);
  const answer = await emulated.request(
    encodeRequest({ type: 'Attestation', nonce, userData: nonce, publicKey: nonce }),
  );
  const nsm = securityModule(await openNitroNsm({ path, memory: simulatedKernel(() => answer) }));
  const verdict = verifyDocument(await nsm.attest({ nonce }), { roots: [pki.fingerprint], nonce });
  assert.equal(verdict.verdict, 'accept');
  await nsm.close();
});

test('errors: a request too large, errno, a lying length', async () => {
  let errno: number | Uint8Array = 90;
  const memory = simulatedKernel(() => errno);
  const nsm = securityModule(await openNitroNsm({ path, memory }));
  await assert.rejects(nsm.describe(), { code: 'InputTooLarge' }); // EMSGSIZE
  errno = 22;
  await assert.rejects(nsm.describe(), /ioctl returned errno 22/);
  errno = new Uint8Array(0x3001);
  await assert.rejects(nsm.describe(), /12289 bytes; its buffer is smaller/);
  assert.equal(memory.live, 0);
  const device = await openNitroNsm({ path, memory });
  const answer = await device.request(new Uint8Array(0x1001));
  assert.deepEqual(answer, encodeResponse({ type: 'Error', error: 'InputTooLarge' }));
  await Promise.all([nsm.close(), device.close()]);
});

test('without the device, it says so', async () => {
  await assert.rejects(
    openNitroNsm({ path: join(folder, 'absent') }),
    /cannot be opened \(ENOENT\): it exists only inside/,
  );
});

test('system calls through node:ffi: memory by address, results, errno', {
  skip: process.platform !== 'linux',
}, async () => {
  const FIONREAD = 0x541b; // How many bytes of a file are ahead: ioctl_tty(2).
  const [file, memory] = [join(folder, 'five'), await ffiMemory()];
  await writeFile(file, 'bytes');
  const handle = await open(file, 'r');
  const argument = memory.allocate(4);
  assert.equal(memory.ioctl(handle.fd, FIONREAD, argument), 0);
  assert.deepEqual(argument.bytes, Uint8Array.of(5, 0, 0, 0));
  const ENOTTY = 25;
  assert.equal(memory.ioctl(handle.fd, NSM_IOCTL_RAW, argument), ENOTTY);
  argument.free();
  await handle.close();
});

test('what is no security module is said to be none', { skip: process.platform !== 'linux' }, async () => {
  const nsm = securityModule(await openNitroNsm({ path }));
  await assert.rejects(nsm.describe(), /ioctl returned errno 25/);
  await nsm.close();
});
