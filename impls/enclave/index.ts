/**
 * PSI inside an attested enclave: `enclave` (plain join) and `enclave-oblivious`. The hardware is
 * simulated; README.md says what that leaves out.
 */
import type { Implementation } from '../../bench/contract.ts';
import { enclaveImplementation } from './implementation.ts';

export const enclave: Implementation = enclaveImplementation('plain');
export const enclaveOblivious: Implementation = enclaveImplementation('oblivious');

export default [enclave, enclaveOblivious];
