/** The closed terms of the contract where they are needed at run time (the contract itself is types only). */
import type { Implementation, Phase, Role } from './contract.ts';

/** In the order in which they are played. */
export const PHASES: readonly Phase[] = ['setup', 'prepare', 'online'];

/** In the order in which tables show them. */
export const ROLES: readonly Role[] = ['receiver', 'sender', 'helper'];

/** The largest set that the harness, its data sets and, unless it says otherwise, an implementation is made for. */
export const MAX_ITEMS = 2 ** 24;

/** The roles that an implementation has. */
export function rolesOf({ helper }: Pick<Implementation, 'helper'>): readonly Role[] {
  return helper === undefined ? ROLES.filter((role) => role !== 'helper') : ROLES;
}
