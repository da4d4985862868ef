/**
 * What is said before an attested stream is up: see `README.md` beside this file.
 *
 * The client's hello is kind (1) ‖ nonce (32) ‖ key (32). Kind 0 asks for a document about a fresh key, and the
 * last field is zero; kind 1 names a key that this client has seen attested before.
 */
import { KEY_LENGTH } from '../../primitives/secure-channel/hpke.ts';
import { FRAME_LENGTH, NONCE_LENGTH } from '../document-frame.ts';

export const HELLO_LENGTH = 1 + NONCE_LENGTH + KEY_LENGTH;
/** What the enclave adds when no document is made: it makes a replayed connection useless. */
export const SALT_LENGTH = 32;
/** Longest text in the place of an answer: why there is none. Nobody vouches for it. */
export const MAX_EXCUSE = 1000;
/** Longest answer. */
export const MAX_ANSWER = FRAME_LENGTH;

export interface Hello {
  /** A key that was attested before; absent: a document about a new one is asked for. */
  readonly known?: Uint8Array;
  readonly nonce: Uint8Array;
}

export function encodeHello({ known, nonce }: Hello): Uint8Array {
  const hello = new Uint8Array(HELLO_LENGTH);
  hello[0] = known ? 1 : 0;
  hello.set(nonce, 1);
  if (known) hello.set(known, 1 + NONCE_LENGTH);
  return hello;
}

/** @throws Error when the bytes are no hello. */
export function decodeHello(bytes: Uint8Array): Hello {
  const kind = bytes[0];
  if (bytes.length !== HELLO_LENGTH || (kind !== 0 && kind !== 1)) {
    throw new Error(`what came in the place of a hello (${bytes.length} bytes) is none`);
  }
  const nonce = bytes.slice(1, 1 + NONCE_LENGTH);
  const key = bytes.slice(1 + NONCE_LENGTH);
  if (kind === 1) return { known: key, nonce };
  if (key.some((byte) => byte !== 0)) throw new Error('a hello that asks for a document names a key');
  return { nonce };
}

/** The `user_data` of a document for a stream to `service`: the client checks it, byte for byte. */
export function serviceName(service: string): Uint8Array {
  return new TextEncoder().encode(`psi-bench attested stream to ${service}`);
}

/** What the key agreement is bound to: service, the client's nonce, and the enclave's salt where there is one. */
export function streamInfo(service: string, nonce: Uint8Array, salt: Uint8Array): Uint8Array {
  return Buffer.concat([serviceName(service), Uint8Array.of(0), nonce, salt]);
}
