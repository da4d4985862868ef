import type { ClientRole } from './greeting.ts';

/**
 * What both ends of a client's channel must agree on: the protocol, the client's role (so that a host
 * cannot connect the sender in the receiver's place) and what the key is bound to.
 */
export function channelInfo(role: ClientRole, context: Uint8Array): Uint8Array {
  return Buffer.concat([new TextEncoder().encode(`psi-bench third party v1 ${role}\0`), context]);
}
