/**
 * How a document travels: its length (4, big-endian), itself, zeros. Lengths of documents vary by a few
 * bytes with the DER of fresh certificates; a frame has one length, so that what is recorded of a run
 * repeats exactly.
 */

/** Bytes of a client's nonce. */
export const NONCE_LENGTH = 32;
/** A security module's responses have at most 12 KiB; documents so far had 4 to 6. */
export const FRAME_LENGTH = 8192;

/** @throws Error when the document is too long for a frame. */
export function frameDocument(document: Uint8Array): Uint8Array {
  if (document.length > FRAME_LENGTH - 4) {
    throw new Error(`a document of ${document.length} bytes does not fit into a frame of ${FRAME_LENGTH}`);
  }
  const frame = new Uint8Array(FRAME_LENGTH);
  new DataView(frame.buffer).setUint32(0, document.length);
  frame.set(document, 4);
  return frame;
}

/** @throws Error when `frame` has another length or does not hold a document. */
export function unframeDocument(frame: Uint8Array): Uint8Array {
  const length =
    frame.length === FRAME_LENGTH ? new DataView(frame.buffer, frame.byteOffset).getUint32(0) : 0;
  if (length === 0 || length > FRAME_LENGTH - 4) {
    throw new Error("what came in the place of the enclave's attestation document is no frame with one");
  }
  return frame.subarray(4, 4 + length);
}
