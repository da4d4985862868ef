/** What AES in bulk needs beside OpenSSL: exclusive or over blocks of 16 bytes, in the memory that is imported. */

/** to[i] = a[i] ^ b[i] for `blocks` blocks; `to` may be `a` or `b`. */
export function xor(a: usize, b: usize, to: usize, blocks: u32): void {
  const end = a + (<usize>blocks << 4);
  const last = a + (<usize>(blocks & ~3) << 4);
  for (; a != last; a += 64, b += 64, to += 64) {
    v128.store(to, v128.xor(v128.load(a), v128.load(b)));
    v128.store(to, v128.xor(v128.load(a, 16), v128.load(b, 16)), 16);
    v128.store(to, v128.xor(v128.load(a, 32), v128.load(b, 32)), 32);
    v128.store(to, v128.xor(v128.load(a, 48), v128.load(b, 48)), 48);
  }
  for (; a != end; a += 16, b += 16, to += 16) v128.store(to, v128.xor(v128.load(a), v128.load(b)));
}

/** to[i] = a[i] ^ the one block at `b`. */
export function xorConstant(a: usize, b: usize, to: usize, blocks: u32): void {
  const constant = v128.load(b);
  const end = a + (<usize>blocks << 4);
  for (; a != end; a += 16, to += 16) v128.store(to, v128.xor(v128.load(a), constant));
}
