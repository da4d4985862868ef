/**
 * Cuts a byte stream into frames, and decides when the stream must pause: while whole messages of more
 * than {@link HIGH_WATER} bytes wait unread, each counted with what it costs besides its bytes, and before
 * the body of a message longer than that, until somebody waits for it who allows its length. So neither a
 * flooding peer, with messages of any size, nor a lying length makes the process allocate.
 */
import { ProtocolError } from '../errors.ts';
import { FRAME_BYTES, type FrameHeader, FrameKind, readHeader } from './frame.ts';

/** Unread bytes above which the stream pauses. */
export const HIGH_WATER = 4 << 20;
/** What an unread message takes besides its bytes, at most: measured 390 bytes for an empty one. */
export const MESSAGE_OVERHEAD = 512;

export interface Frame {
  readonly header: FrameHeader;
  readonly body: Buffer;
}

interface Waiting {
  /** Why a message of this header is not what is waited for; undefined when it is. */
  readonly refuse: (header: FrameHeader) => string | undefined;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

export class FrameReader {
  readonly #queue: Frame[] = [];
  #queuedBytes = 0;
  #waiting: Waiting | undefined;
  #failure: Error | undefined;

  /** A header that arrived in parts. */
  readonly #head = Buffer.alloc(FRAME_BYTES);
  #headFilled = 0;
  /** The frame being read: its header, and its body once that may be allocated. */
  #header: FrameHeader | undefined;
  #body: Buffer | undefined;
  #bodyFilled = 0;
  /** Bytes taken from the stream that cannot be accepted yet. */
  #held: Buffer | undefined;
  #paused = false;

  readonly #peer: () => string;
  readonly #resume: () => void;

  /** `peer` names the other side in errors; `resume` restarts the stream after `take` returned false. */
  constructor(peer: () => string, resume: () => void) {
    this.#peer = peer;
    this.#resume = resume;
  }

  /** What messages that wait unread take, as counted here. */
  get unreadBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Where the stream may put its next bytes: straight into the message being read, when much of it is
   * missing, which saves a copy; into `shared` otherwise. Tell {@link filled} or {@link take} after.
   */
  target(shared: Buffer): Buffer {
    const missing = this.#body && !this.#held ? this.#body.length - this.#bodyFilled : 0;
    return missing >= shared.length ? this.#body!.subarray(this.#bodyFilled) : shared;
  }

  /** `length` bytes were put where {@link target} said, in the message. False: as for `take`. */
  filled(length: number): boolean {
    this.#bodyFilled += length;
    if (this.#bodyFilled === this.#body!.length) this.#complete();
    this.#paused = this.#queuedBytes > HIGH_WATER;
    return !this.#paused;
  }

  /** Takes a chunk, which may be reused afterwards. False: the stream must pause until `resume`. */
  take(chunk: Buffer): boolean {
    if (this.#failure) return true;
    const bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = undefined;
    const taken = this.#consume(bytes);
    if (taken < bytes.length) this.#held = Buffer.from(bytes.subarray(taken));
    this.#paused = this.#held !== undefined || this.#queuedBytes > HIGH_WATER;
    return !this.#paused;
  }

  /** No more bytes come, for this reason: what is queued can still be read, then readers reject. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#deliver();
  }

  /** The next frame. Rejects, for good, when its length exceeds `maxBytes`. */
  next(maxBytes: number): Promise<Frame> {
    return this.#wait(({ length }) =>
      length <= maxBytes
        ? undefined
        : `the ${this.#peer()} sent a message of ${length} bytes where at most ${maxBytes} are allowed`,
    );
  }

  /** The end of the phase. Rejects, for good, with the first message that comes in its place: nobody will read it. */
  async phaseEnd(reader: string): Promise<void> {
    await this.#wait(({ kind, length }) =>
      kind === FrameKind.phaseEnd
        ? undefined
        : `the ${reader} left a message of the ${this.#peer()} unread, of ${length} bytes`,
    );
  }

  #wait(refuse: Waiting['refuse']): Promise<Frame> {
    if (this.#waiting) return Promise.reject(new Error('only one receive may wait on a channel at a time'));
    return new Promise((resolve, reject) => {
      this.#waiting = { refuse, resolve, reject };
      this.#deliver();
      this.#unpause();
    });
  }

  #unpause(): void {
    if (!this.#paused) return;
    if (this.#held) {
      const bytes = this.#held;
      this.#held = undefined;
      const taken = this.#consume(bytes);
      if (taken < bytes.length) this.#held = bytes.subarray(taken);
    }
    if (this.#held || this.#queuedBytes > HIGH_WATER) return;
    this.#paused = false;
    this.#resume();
  }

  #deliver(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const announced = this.#queue[0]?.header ?? this.#header;
    const refusal = announced && waiting.refuse(announced);
    if (refusal !== undefined) {
      this.#failure = new ProtocolError(refusal);
      this.#queue.length = 0;
      this.#held = undefined;
    }
    const frame = this.#queue.shift();
    if (frame) {
      this.#waiting = undefined;
      this.#queuedBytes -= frame.body.length + MESSAGE_OVERHEAD;
      waiting.resolve(frame);
    } else if (this.#failure) {
      this.#waiting = undefined;
      waiting.reject(this.#failure);
    }
  }

  /** Consumes what can be accepted of `bytes`; returns how many that were. */
  #consume(bytes: Buffer): number {
    let at = 0;
    while (true) {
      if (!this.#header) {
        if (at === bytes.length) return at;
        const part = Math.min(FRAME_BYTES - this.#headFilled, bytes.length - at);
        bytes.copy(this.#head, this.#headFilled, at, at + part);
        this.#headFilled += part;
        at += part;
        if (this.#headFilled < FRAME_BYTES) return at;
        this.#headFilled = 0;
        try {
          this.#header = readHeader(this.#head, 0);
        } catch (error) {
          this.fail(new ProtocolError(`the ${this.#peer()} ${(error as Error).message}`));
          return bytes.length;
        }
      }
      if (!this.#body) {
        this.#deliver(); // refuses it when the one who waits does not allow it
        if (this.#failure) return bytes.length;
        if (this.#header.length > HIGH_WATER && (!this.#waiting || this.#queue.length > 0)) return at;
        // Not from the pool: the message belongs to the receiver, who may transfer its memory.
        this.#body = Buffer.allocUnsafeSlow(this.#header.length);
        this.#bodyFilled = 0;
      }
      const part = Math.min(this.#body.length - this.#bodyFilled, bytes.length - at);
      bytes.copy(this.#body, this.#bodyFilled, at, at + part);
      this.#bodyFilled += part;
      at += part;
      if (this.#bodyFilled < this.#body.length) return at;
      this.#complete();
    }
  }

  #complete(): void {
    this.#queue.push({ header: this.#header!, body: this.#body! });
    this.#queuedBytes += this.#body!.length + MESSAGE_OVERHEAD;
    this.#header = undefined;
    this.#body = undefined;
    this.#deliver();
  }
}
