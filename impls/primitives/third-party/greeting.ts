/**
 * The short messages around an upload: what a client says when it has a channel (`Greeting`), and what
 * the third party answers (`Ruling`). Both have fixed lengths.
 */
import type { Output, OutputKind } from '../../../bench/contract.ts';
import { KEY_LENGTH } from '../secure-channel/key-length.ts';

/** The two roles that have items; the third process is the third party, or its host. */
export type ClientRole = 'receiver' | 'sender';

/** What both clients and the third party must want alike. */
export interface Agreement {
  /**
   * - `digests`: the third party gets a salted 16-byte digest of each item, sorted by the client.
   * - `items`: it gets the items themselves.
   */
  readonly upload: 'items' | 'digests';
  /** `plain`: a join that does not hide its memory accesses. `oblivious`: memory accesses depend on the sizes only (needs `digests`). */
  readonly join: 'plain' | 'oblivious';
  /** What the third party tells the receiver, and nothing else. */
  readonly output: Output;
}

/** A client's first message. */
export interface Greeting {
  readonly role: ClientRole;
  readonly agreement: Agreement;
  readonly sizes: { readonly receiver: number; readonly sender: number };
  /** The encapsulated key of the client that this one wants to be joined with. */
  readonly peer: Uint8Array;
}

/** Largest set that can be uploaded: 2^24 items. */
export const MAX_ITEMS = 2 ** 24;
export const GREETING_LENGTH = 20 + KEY_LENGTH;

const VERSION = 2;
const ROLES: readonly ClientRole[] = ['receiver', 'sender'];
const UPLOADS: readonly Agreement['upload'][] = ['items', 'digests'];
const JOINS: readonly Agreement['join'][] = ['plain', 'oblivious'];
const OUTPUTS: readonly OutputKind[] = ['intersection', 'cardinality', 'threshold'];

export function encodeGreeting({ role, agreement, sizes, peer }: Greeting): Uint8Array {
  const bytes = new Uint8Array(GREETING_LENGTH);
  bytes[0] = VERSION;
  bytes[1] = ROLES.indexOf(role);
  bytes[2] = UPLOADS.indexOf(agreement.upload);
  bytes[3] = JOINS.indexOf(agreement.join);
  const { output } = agreement;
  bytes[4] = OUTPUTS.indexOf(output.kind);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, sizes.receiver);
  view.setUint32(12, sizes.sender);
  view.setUint32(16, output.kind === 'threshold' ? output.atLeast : 0);
  bytes.set(peer, 20);
  return bytes;
}

/** @throws Error when `bytes` is no greeting of this version. */
export function decodeGreeting(bytes: Uint8Array): Greeting {
  const role = ROLES[bytes[1]!];
  const upload = UPLOADS[bytes[2]!];
  const join = JOINS[bytes[3]!];
  const kind = OUTPUTS[bytes[4]!];
  if (bytes.length !== GREETING_LENGTH || bytes[0] !== VERSION || !role || !upload || !join || !kind) {
    throw new Error('a client sent something that is not a greeting of this version');
  }
  if (join === 'oblivious' && upload !== 'digests') {
    throw new Error('a client asks for an oblivious join of items: it needs sorted digests');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = { receiver: view.getUint32(8), sender: view.getUint32(12) };
  if (sizes.receiver > MAX_ITEMS || sizes.sender > MAX_ITEMS) {
    throw new Error(`a client announces more than ${MAX_ITEMS} items`);
  }
  const atLeast = view.getUint32(16);
  if ((kind === 'threshold') !== atLeast > 0) throw new Error('a client asks for a threshold that is none');
  const output: Output = kind === 'threshold' ? { kind, atLeast } : { kind };
  return { role, agreement: { upload, join, output }, sizes, peer: bytes.subarray(20) };
}

/** What the third party finds; its index is the byte on the wire. The texts say what a client is told. */
const RULINGS = [
  'accepted',
  'the other party is not the one that this party asked for',
  'the parties want different joins, uploads or outputs',
  'the parties announce different set sizes',
  "the receiver's upload is malformed",
  "the sender's upload is malformed",
  "the receiver's digests are not strictly ascending",
  "the sender's digests are not strictly ascending",
] as const;

export type Ruling = (typeof RULINGS)[number];

export function rulingByte(verdict: Ruling): number {
  return RULINGS.indexOf(verdict);
}

/** @throws Error naming the reason unless `byte` says 'accepted'. */
export function assertAccepted(byte: number | undefined): void {
  if (byte === 0) return;
  throw new Error(`the third party refused: ${RULINGS[byte ?? RULINGS.length] ?? 'for an unknown reason'}`);
}

/** Length of the salt that every run's digests are made with. */
export const SALT_LENGTH = 16;
/** Length of the answer to a greeting: a verdict and the salt. */
export const WELCOME_LENGTH = 1 + SALT_LENGTH;
