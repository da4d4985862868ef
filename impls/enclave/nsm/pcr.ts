/** Platform configuration registers: what measurements are gathered in. */
import { createHash } from 'node:crypto';

export const PCR_BYTES = 48;

/** A boot measurement: SHA-384(48 zero bytes ‖ SHA-384(bytes)), that is a zero PCR extended once. */
export function bootPcr(bytes: Uint8Array): Uint8Array {
  return extend(new Uint8Array(PCR_BYTES), createHash('sha384').update(bytes).digest());
}

/** SHA-384(pcr ‖ data). */
export function extend(pcr: Uint8Array, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha384').update(pcr).update(data).digest());
}
