/** Vectors of FIPS 197 (appendix B and C.1) and NIST SP 800-38A (F.1.1, F.5.1); other lengths against node:crypto. */
import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { Aes, counterStream, xorBlocks, xorConstant } from './aes.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const KEY = hex('2b7e151628aed2a6abf7158809cf4f3c');
const PLAIN = hex(
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
    '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
);

function place(memory: WorkingMemory, data: Uint8Array): number {
  const address = memory.allocate(data.length);
  memory.bytes(address, data.length).set(data);
  return address;
}

const same = (actual: Uint8Array, expected: Uint8Array) => assert.equal(Buffer.compare(actual, expected), 0);

test('AES-128, FIPS 197 appendix B and C.1, SP 800-38A F.1.1', () => {
  for (const [key, plain, cipher] of [
    [KEY, hex('3243f6a8885a308d313198a2e0370734'), hex('3925841d02dc09fbdc118597196a0b32')],
    [
      hex('000102030405060708090a0b0c0d0e0f'),
      hex('00112233445566778899aabbccddeeff'),
      hex('69c4e0d86a7b0430d8cdb78070b4c55a'),
    ],
    [
      KEY,
      PLAIN,
      hex(
        '3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf' +
          '43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4',
      ),
    ],
  ] as const) {
    const memory = new WorkingMemory();
    const from = place(memory, plain);
    const to = memory.allocate(plain.length);
    const aes = new Aes(memory, key);
    aes.encrypt(from, to, plain.length / 16);
    same(memory.bytes(to, plain.length), cipher);
    aes.mmo(from, to, plain.length / 16);
    same(
      memory.bytes(to, plain.length),
      plain.map((byte, i) => byte ^ (cipher[i] ?? 0)),
    );
    aes.encrypt(from, from, plain.length / 16);
    same(memory.bytes(from, plain.length), cipher);
  }
});

test('counter mode, SP 800-38A F.5.1', () => {
  const memory = new WorkingMemory();
  const to = memory.allocate(64);
  counterStream(memory, KEY, hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), to, 64);
  same(
    memory.bytes(to, 64).map((byte, i) => byte ^ (PLAIN[i] ?? 0)),
    hex(
      '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff' +
        '5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee',
    ),
  );
});

test('lengths round the pieces, in place and not, agree with one call of node:crypto', () => {
  for (const blocks of [0, 1, 3, 8191, 8192, 8193, 20_000]) {
    const data = randomBytes(blocks * 16);
    const key = randomBytes(16);
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(data);
    const hash = Buffer.from(cipher.map((byte, i) => byte ^ (data[i] ?? 0)));
    const memory = new WorkingMemory();
    const from = place(memory, data);
    const to = place(memory, Buffer.alloc(blocks * 16 + 16, 0xee));
    const aes = new Aes(memory, key);
    aes.mmo(from, to, blocks);
    same(memory.bytes(to, blocks * 16), hash);
    same(memory.bytes(to + blocks * 16, 16), Buffer.alloc(16, 0xee));
    xorBlocks(memory, from, to, to, blocks);
    same(memory.bytes(to, blocks * 16), cipher);
    aes.mmo(from, from, blocks);
    same(memory.bytes(from, blocks * 16), hash);
    counterStream(memory, key, Buffer.alloc(16, 7), to, blocks * 16);
    const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16, 7)).update(Buffer.alloc(blocks * 16));
    same(memory.bytes(to, blocks * 16), stream);
    const constant = place(memory, KEY);
    xorConstant(memory, to, constant, to, blocks);
    same(memory.bytes(to, blocks * 16), Buffer.from(stream.map((byte, i) => byte ^ (KEY[i % 16] ?? 0))));
  }
});

test('a key of another length is refused', () => {
  assert.throws(() => new Aes(new WorkingMemory(), new Uint8Array(32)), /"key" must be 16 bytes, got 32/);
});
