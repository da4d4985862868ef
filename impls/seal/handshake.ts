/** The first message of each party: what it is about to play. */
import { createHash } from 'node:crypto';
import type { Channel, Role } from '../../bench/contract.ts';
import type { Engine } from '../primitives/curve/engine.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import type { Plan } from './plan.ts';
import type { Compression } from './wire.ts';

const TEXT_BYTES = 96;
const DIGEST_BYTES = 32;

/** What must be the same on both sides. */
export interface Terms {
  readonly plan: Plan;
  readonly group: Engine['group'];
  readonly compression: Compression;
}

/** SHA-256 of everything that the parties must have in common. */
export function digestOf({ plan, group, compression }: Terms): Buffer {
  const { costMs: _, ...set } = plan.set;
  return createHash('sha256')
    .update(JSON.stringify({ ...plan, set, group, compression }))
    .digest();
}

/**
 * Sends this party's terms and compares the peer's.
 * @throws Error that says on what the parties differ.
 */
export async function shakeHands(channel: Channel, peer: Role, terms: Terms): Promise<void> {
  const own = greeting(terms);
  const [, theirs] = await Promise.all([
    channel.send(own),
    receiveExactly(channel, own.length, `the ${peer}'s greeting`),
  ]);
  if (own.equals(theirs)) return;
  const text = own.subarray(0, TEXT_BYTES);
  const words = text.toString().trim();
  throw new Error(
    text.equals(theirs.subarray(0, TEXT_BYTES))
      ? `the ${peer} has other parameters under the name "${terms.plan.set.id}": use the same version on both sides`
      : `the ${peer} does not play "${words}" (protocol, group, parameter set, serialisation), as this party does: set the same options on both sides`,
  );
}

function greeting(terms: Terms): Buffer {
  const { plan, group, compression } = terms;
  const text = `psi-seal-1 ${group} ${plan.set.id}/${plan.bundles} ${compression}`;
  const out = Buffer.alloc(TEXT_BYTES + DIGEST_BYTES, ' ');
  out.write(text);
  digestOf(terms).copy(out, TEXT_BYTES);
  return out;
}
