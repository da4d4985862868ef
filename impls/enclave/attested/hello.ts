/**
 * What is said before an attested stream is up: see `README.md` beside this file.
 *
 * The client's hello is kind (1) ‖ nonce (32) ‖ key (32). Kind 0 asks for a document about a key that is made for
 * this connection and forgotten after it; kind 1 names a key that this client has seen attested before; kind 2
 * asks for a document about a key that may be named so later. In kinds 0 and 2 the last field is zero.
 */
import { KEY_LENGTH } from '../../primitives/secure-channel/key-length.ts';
import { FRAME_LENGTH, NONCE_LENGTH } from '../document-frame.ts';

export const HELLO_LENGTH = 1 + NONCE_LENGTH + KEY_LENGTH;
/** What the enclave adds when no document is made: it makes a replayed connection useless. */
export const SALT_LENGTH = 32;
/** Longest text in the place of an answer: why there is none. Nobody vouches for it. */
export const MAX_EXCUSE = 1000;
/** Longest answer. */
export const MAX_ANSWER = FRAME_LENGTH;

export type Hello =
  | { readonly kind: 'once' | 'keep'; readonly nonce: Uint8Array }
  | { readonly kind: 'known'; readonly nonce: Uint8Array; readonly key: Uint8Array };

const KINDS = ['once', 'known', 'keep'] as const;

export function encodeHello(hello: Hello): Uint8Array {
  const bytes = new Uint8Array(HELLO_LENGTH);
  bytes[0] = KINDS.indexOf(hello.kind);
  bytes.set(hello.nonce, 1);
  if (hello.kind === 'known') bytes.set(hello.key, 1 + NONCE_LENGTH);
  return bytes;
}

/** @throws Error when the bytes are no hello. */
export function decodeHello(bytes: Uint8Array): Hello {
  const kind = KINDS[bytes[0] ?? -1];
  if (bytes.length !== HELLO_LENGTH || kind === undefined) {
    throw new Error(`what came in the place of a hello (${bytes.length} bytes) is none`);
  }
  const nonce = bytes.slice(1, 1 + NONCE_LENGTH);
  const key = bytes.slice(1 + NONCE_LENGTH);
  if (kind === 'known') return { kind, nonce, key };
  if (key.some((byte) => byte !== 0)) throw new Error('a hello that asks for a document names a key');
  return { kind, nonce };
}

/** The `user_data` of a document for a stream to `service`: the client checks it, byte for byte. */
export function serviceName(service: string): Uint8Array {
  return new TextEncoder().encode(`psi-bench attested stream to ${service}`);
}

/** What the key agreement is bound to: service, hello, and the enclave's salt where there is one. */
export function streamInfo(service: string, hello: Hello, salt: Uint8Array): Uint8Array {
  return Buffer.concat([serviceName(service), Uint8Array.of(0), encodeHello(hello), salt]);
}
