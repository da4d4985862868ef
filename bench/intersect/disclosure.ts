/** What was trusted and what was revealed in one run, in one sentence. */
import type { Implementation, OptionValues, Output } from '../contract.ts';
import { rolesOf } from '../terms.ts';

const LEARNED: Readonly<Record<Output['kind'], string>> = {
  intersection: 'which of its items the sender has too',
  cardinality: 'how many items are shared',
  threshold: 'whether so many items are shared',
};

/** The sentence: from what the implementation declares, nothing else. */
export function disclosure(implementation: Implementation, options: OptionValues, output: Output): string {
  const { security, kind } = implementation;
  const parts = rolesOf(implementation).map((role) => {
    const more = security.learns[role];
    const own =
      role === 'receiver'
        ? `the receiver learned ${LEARNED[output.kind]}, and the size of the sender's set`
        : role === 'sender'
          ? "the sender learned the size of the receiver's set"
          : 'the third party learned the sizes of both sets';
    return more ? `${own}, and ${more}` : own;
  });
  const simulated = kind === 'enclave' && implementation.hardware?.(options) === 'simulated';
  return [
    `trusted: ${security.trust}${simulated ? ' (simulated here: nothing is protected from this machine)' : ''}`,
    ...parts,
    security.private ? '' : 'THIS IS NOT PRIVATE: whoever sees the messages can guess items',
  ]
    .filter(Boolean)
    .join('; ');
}
