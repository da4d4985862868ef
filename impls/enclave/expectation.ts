/** What a client demands of the enclave that joins sets. */
import type { Expectation } from './attested/check.ts';
import { PSI_GUEST } from './guests/psi-guest.ts';
import { knownEmulatorRoots } from './nsm/emulator-roots.ts';
import { expectedPcrs, type IsolationOptions } from './vm/isolation-option.ts';

/** Documents are made when they are asked for; more than this is a replay or a broken clock. */
const MAX_AGE_SECONDS = 300;

/** By isolation: measuring an image takes a while. */
const ownPcrs = new Map<string, Expectation['pcrs']>();

/** @throws Error when there is none to trust. */
function emulatorRoots(): string[] {
  const roots = knownEmulatorRoots();
  if (roots.length === 0)
    throw new Error('no emulated security module has run on this machine: no root is known');
  return roots;
}

/** The PCRs of this client's own copy of the code, and a root that it knows beforehand. */
export function expectation(options: IsolationOptions): Expectation {
  const key = `${options.isolation} ${options.devices}`;
  const pcrs = ownPcrs.get(key) ?? expectedPcrs(PSI_GUEST, options);
  ownPcrs.set(key, pcrs);
  return { pcrs, roots: emulatorRoots(), maxAgeSeconds: MAX_AGE_SECONDS };
}
