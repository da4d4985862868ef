/** Cuts a byte stream into frames: a header of a fixed length, whose last four bytes are the payload's length. */
export class FrameParser {
  readonly #header: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #maxPayload: number;
  readonly #onFrame: (header: DataView, payload: Uint8Array) => void;
  #headerFilled = 0;
  #payload: Uint8Array | undefined;
  #filled = 0;

  /** @param onFrame gets a copy of the payload; the header is used again afterwards. */
  constructor(
    headerLength: number,
    maxPayload: number,
    onFrame: (header: DataView, payload: Uint8Array) => void,
  ) {
    this.#header = new Uint8Array(headerLength);
    this.#view = new DataView(this.#header.buffer);
    this.#maxPayload = maxPayload;
    this.#onFrame = onFrame;
  }

  /** Whether the bytes so far end in the middle of a frame. */
  get isWithinFrame(): boolean {
    return this.#headerFilled > 0;
  }

  /** Takes the next bytes; the buffer may be used again afterwards. @throws Error when a frame is too long. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (!this.#payload) {
        const part = bytes.subarray(at, at + this.#header.length - this.#headerFilled);
        this.#header.set(part, this.#headerFilled);
        this.#headerFilled += part.length;
        at += part.length;
        if (this.#headerFilled < this.#header.length) return;
        const length = this.#view.getUint32(this.#header.length - 4);
        if (length > this.#maxPayload) {
          throw new Error(`a frame of ${length} bytes arrived; at most ${this.#maxPayload} are allowed`);
        }
        // Memory that is only mapped once it is written: a length that is announced costs nothing.
        this.#payload = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
        this.#filled = 0;
      }
      const part = bytes.subarray(at, at + this.#payload.length - this.#filled);
      this.#payload.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#payload.length) return;
      const payload = this.#payload;
      this.#payload = undefined;
      this.#headerFilled = 0;
      this.#onFrame(this.#view, payload);
    }
  }
}
