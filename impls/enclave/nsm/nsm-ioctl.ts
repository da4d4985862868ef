/**
 * The kernel's interface to the security module, `/dev/nsm`, as bytes: Linux `include/uapi/linux/nsm.h`.
 *
 * ```c
 * struct nsm_iovec { __u64 addr; __u64 len; };
 * struct nsm_raw { struct nsm_iovec request; struct nsm_iovec response; };
 * #define NSM_IOCTL_RAW _IOWR(0x0A, 0x0, struct nsm_raw)
 * ```
 */

/** Length of `struct nsm_raw`. */
export const NSM_RAW_BYTES = 32;
const MAGIC = 0x0a;
const COMMAND = 0;
const READ_WRITE = 3;

/**
 * `_IOWR(type, number, size)` of `asm-generic/ioctl.h`: direction in bits 30–31, size in 16–29, type in 8–15, number in
 * 0–7. x86-64 and arm64, which are all that Nitro has, use this layout.
 */
export function iowr(type: number, number: number, size: number): number {
  return ((READ_WRITE << 30) | (size << 16) | (type << 8) | number) >>> 0;
}

/** 0xC0200A00. */
export const NSM_IOCTL_RAW = iowr(MAGIC, COMMAND, NSM_RAW_BYTES);

/** A piece of memory by address. */
export interface IoVector {
  readonly address: bigint;
  readonly length: number;
}

/** `struct nsm_raw`, little-endian: 32 bytes. */
export function encodeNsmRaw(request: IoVector, response: IoVector): Uint8Array {
  const bytes = new Uint8Array(NSM_RAW_BYTES);
  const view = new DataView(bytes.buffer);
  [request.address, BigInt(request.length), response.address, BigInt(response.length)].forEach((word, i) => {
    view.setBigUint64(8 * i, word, true);
  });
  return bytes;
}

/** The length of the response, which the kernel has written into `struct nsm_raw`. */
export function responseLength(raw: Uint8Array): number {
  return Number(new DataView(raw.buffer, raw.byteOffset, raw.byteLength).getBigUint64(24, true));
}
