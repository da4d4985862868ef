/** Length of a public key and of an encapsulated key of `hpke.ts`, in bytes (Npk = Nenc of DHKEM(X25519, HKDF-SHA256)). */
export const KEY_LENGTH = 32;
