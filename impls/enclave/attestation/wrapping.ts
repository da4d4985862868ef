import { MAX_DOCUMENT_BYTES } from './document.ts';

/** A document in a wrapper of text, or of the security module's answer. */
export interface Wrapping {
  /** In words: 'base64 text'. */
  readonly kind: string;
  /** The document inside; null where it cannot be taken out. */
  readonly document: Uint8Array | null;
}

/** The longest text that can hold a document: a JSON list with a blank and a line end beside each number. */
export const MAX_WRAPPED_BYTES = 6 * MAX_DOCUMENT_BYTES;

/** `COSE_Sign1` is an array of four: the first byte of every document. */
const FIRST_BYTE = 0x84;

/**
 * Recognises a document that is not handed over as it is: programs print it as base64, hexadecimal or a JSON
 * list of numbers, and the security module's own answer is a map around it. Only what then begins as a
 * document is recognised; nothing is taken out silently.
 */
export function recogniseWrapping(bytes: Uint8Array): Wrapping | null {
  if (bytes[0] === FIRST_BYTE || bytes.length > MAX_WRAPPED_BYTES) return null;
  const answer = insideAnswer(bytes);
  if (answer) return { kind: "the security module's answer with the document inside", document: answer };
  if (bytes.some((byte) => byte >= 0x80)) return null;
  const text = Buffer.from(bytes).toString('latin1').trim();
  const readings: readonly (readonly [string, Uint8Array | null])[] = [
    ['a JSON list of integers', listed(text)],
    [
      'hexadecimal text',
      /^(?:[0-9a-f]{2}\s*)+$/i.test(text) ? Buffer.from(text.replace(/\s/g, ''), 'hex') : null,
    ],
    ['base64 text', /^[A-Za-z0-9+/\s]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null],
    ['base64url text', /^[\w\s-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64url') : null],
    [
      'base64 text in quotes',
      /^"[A-Za-z0-9+/_-]+={0,2}"$/.test(text) ? Buffer.from(text.slice(1, -1), 'base64') : null,
    ],
  ];
  const found = readings.find(([, inside]) => inside?.[0] === FIRST_BYTE);
  if (found) return { kind: found[0], document: found[1] };
  if (/^-----BEGIN /.test(text)) return { kind: 'PEM text', document: null };
  if (/^[{[]/.test(text)) return { kind: 'JSON text', document: null };
  return null;
}

function listed(text: string): Uint8Array | null {
  if (!/^\[\s*\d{1,3}(?:\s*,\s*\d{1,3})*\s*,?\s*\]$/.test(text)) return null;
  const numbers = (text.match(/\d+/g) ?? []).map(Number);
  return numbers.every((number) => number < 256) ? Uint8Array.from(numbers) : null;
}

/** `{"Attestation": {"document": bytes}}` of the NSM interface, in CBOR. */
function insideAnswer(bytes: Uint8Array): Uint8Array | null {
  const head = Buffer.concat([
    Buffer.from([0xa1, 0x6b]),
    Buffer.from('Attestation'),
    Buffer.from([0xa1, 0x68]),
    Buffer.from('document'),
  ]);
  if (Buffer.compare(bytes.subarray(0, head.length), head) !== 0) return null;
  const [major = 0, high = 0, low = 0] = bytes.subarray(head.length);
  const [from, length] = major === 0x59 ? [head.length + 3, high * 256 + low] : [head.length + 2, high];
  const inside = bytes.subarray(from, from + length);
  return (major === 0x58 || major === 0x59) && inside[0] === FIRST_BYTE ? inside : null;
}
