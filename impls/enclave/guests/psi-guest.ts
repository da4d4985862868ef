/** The guest of both PSI variants, by its path in the repository: named apart, so that to name it loads nothing. */
export const PSI_GUEST = 'impls/enclave/guests/psi.ts';
