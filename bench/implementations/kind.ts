/** Whether what an implementation says it is can be: what claims and sections follow from. */
import type { Implementation } from '../contract.ts';

export const KINDS = ['cryptography', 'enclave', 'third-party', 'open'] as const;
export const OUTPUT_KINDS = ['intersection', 'cardinality', 'threshold'] as const;

/**
 * What is wrong with the declared kind, outputs or kept state, in one sentence; `undefined` when nothing is.
 * Such an implementation enters no run: a wrong kind would turn a verdict.
 */
export function declarationFault(implementation: Implementation): string | undefined {
  const { kind, hardware, build, security, helper, outputs, keeps } = implementation;
  if (!KINDS.includes(kind)) return `"kind" is "${kind}": it must be one of ${KINDS.join(', ')}`;
  if ((kind === 'open') === security.private) {
    return `"kind" is "${kind}" and "security.private" is ${security.private}: open means not private, and the others mean private`;
  }
  if ((kind === 'enclave') !== (typeof hardware === 'function')) {
    return `"kind" is "${kind}" and "hardware" is ${hardware === undefined ? 'absent' : 'there'}: enclaves have it, others do not`;
  }
  if ((kind === 'enclave') !== build.startsWith('enclave')) {
    return `"kind" is "${kind}" and "build" is "${build}": an enclave's build says enclave, and no other does`;
  }
  if (kind === 'third-party' && helper === undefined) {
    return '"kind" is "third-party", and there is no "helper": who is the third party?';
  }
  if (kind === 'cryptography' && security.learns.helper) {
    return '"kind" is "cryptography", and "security.learns" says that a helper learns something: that is a third party';
  }
  if (outputs !== undefined) {
    const unknown = outputs.find((output) => !OUTPUT_KINDS.includes(output));
    if (unknown !== undefined) return `"outputs" has "${unknown}": there are ${OUTPUT_KINDS.join(', ')}`;
    if (outputs.length === 0 || new Set(outputs).size < outputs.length)
      return '"outputs" must name at least one output, each once';
  }
  if (keeps?.some((what) => typeof what !== 'string' || what.trim() === ''))
    return '"keeps" must say in words what is kept between runs';
  return undefined;
}
