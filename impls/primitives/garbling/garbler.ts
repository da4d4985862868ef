/**
 * Garbles a circuit by half gates (Zahur, Rosulek, Evans, Eurocrypt 2015, ePrint 2014/756) with free XOR
 * (Kolesnikov, Schneider, ICALP 2008) and sends it while it is being made.
 */
import { CounterStream } from '../aes/aes.ts';
import type { Instruction, Program, Wires } from '../circuits/program.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { GateHash, SEED_BYTES } from './gate-hash.ts';
import { BLOCKS_BYTES, garblingKernel, type Kernel, PIECE, runFree } from './kernel.ts';
import { DECODING_BYTES, LABEL_BYTES, type Labels, SECRET_TABLE_BYTES, TABLE_BYTES } from './layout.ts';
import type { Outgoing } from './stream.ts';

export interface GarblerInputs {
  /** The garbler's input bits, a byte each. */
  readonly bits: Uint8Array;
  /** The bits of `andSecret` and `xorSecret`, a byte each. */
  readonly secrets: Uint8Array;
}

export interface GarblerRandomness {
  /** Γ, 16 bytes, the lowest bit of the first set: what the two labels of every wire differ by. */
  readonly gamma: Uint8Array;
  /** Key of the garbler's input labels, 16 bytes, fresh for every circuit. */
  readonly labelKey: Uint8Array;
  /** Of the gates' hash, public, 16 bytes, fresh for every circuit. */
  readonly hashSeed: Uint8Array;
}

/** A circuit being garbled. The zero labels of the evaluator's inputs lie in `labels` already. */
export class Garbler {
  readonly #memory: WorkingMemory;
  readonly #kernel: Kernel;
  readonly #program: Program;
  readonly #labels: Labels;
  readonly #out: Outgoing;
  readonly #hash: GateHash;
  readonly #zeroLabels: CounterStream;
  readonly #seed: Uint8Array;
  readonly #gamma: number;
  readonly #bits: number;
  readonly #secrets: number;
  readonly #blocks: number;
  readonly #encrypted: number;
  #gate = 0;

  /** @throws RangeError when there are not as many bits as the circuit takes. */
  constructor(
    memory: WorkingMemory,
    program: Program,
    labels: Labels,
    out: Outgoing,
    inputs: GarblerInputs,
    { gamma, labelKey, hashSeed }: GarblerRandomness,
  ) {
    checkBits('bits', inputs.bits, program.counts.garblerBits);
    checkBits('secrets', inputs.secrets, program.counts.secretBits);
    if (gamma.length !== LABEL_BYTES || ((gamma[0] ?? 0) & 1) === 0) {
      throw new RangeError('"gamma" must be 16 bytes with the lowest bit set');
    }
    this.#memory = memory;
    this.#kernel = garblingKernel(memory);
    this.#program = program;
    this.#labels = labels;
    this.#out = out;
    this.#seed = hashSeed;
    this.#hash = new GateHash(memory, hashSeed);
    this.#zeroLabels = new CounterStream(memory, labelKey);
    const put = (bytes: Uint8Array) => {
      const address = memory.allocate(bytes.length);
      memory.bytes(address, bytes.length).set(bytes);
      return address;
    };
    this.#gamma = put(gamma);
    this.#bits = put(inputs.bits);
    this.#secrets = put(inputs.secrets);
    this.#blocks = memory.allocate(BLOCKS_BYTES);
    this.#encrypted = memory.allocate(BLOCKS_BYTES);
  }

  /** Garbles and sends everything. */
  async run(): Promise<void> {
    this.#memory.bytes(this.#out.address, SEED_BYTES).set(this.#seed);
    this.#out.advance(SEED_BYTES);
    for (const instruction of this.#program.instructions) await this.#instruction(instruction);
    await this.#out.finish();
  }

  async #instruction(instruction: Instruction): Promise<void> {
    const labels = this.#labels;
    switch (instruction.op) {
      case 'xor':
      case 'copy':
        return runFree(this.#kernel, labels, instruction);
      case 'not':
        return this.#kernel.add(
          labels.of(instruction.a),
          this.#gamma,
          instruction.a.lanes,
          labels.of(instruction.out),
        );
      case 'xor secret': {
        const { a, first, out } = instruction;
        return this.#kernel.choose(labels.of(a), this.#secrets + first, a.lanes, this.#gamma, labels.of(out));
      }
      case 'input':
        return instruction.of === 'garbler' ? this.#input(instruction.out, instruction.first) : undefined;
      case 'and':
        return this.#and(instruction.a, instruction.b, instruction.out);
      case 'and secret':
        return this.#andSecret(instruction);
      case 'output':
        return this.#output(instruction.a);
    }
  }

  async #input(out: Wires, firstBit: number): Promise<void> {
    const zero = this.#labels.of(out);
    this.#zeroLabels.next(zero, out.lanes * LABEL_BYTES);
    await this.#pieces(out.lanes, LABEL_BYTES, (first, n, at) => {
      this.#kernel.choose(zero + first * LABEL_BYTES, this.#bits + firstBit + first, n, this.#gamma, at);
    });
  }

  async #and(a: Wires, b: Wires, out: Wires): Promise<void> {
    const [aAt, bAt, outAt] = [this.#labels.of(a), this.#labels.of(b), this.#labels.of(out)];
    await this.#gates(a.lanes, TABLE_BYTES, (first, n, at) => {
      const skip = first * LABEL_BYTES;
      const [x, y] = [aAt + skip, bAt + skip];
      this.#kernel.garblePrepare(x, y, n, this.#gate, this.#gamma, this.#blocks);
      this.#hash.encrypt(this.#gate, this.#blocks, this.#encrypted, 4 * n);
      this.#kernel.garbleFinish(x, y, n, this.#gamma, this.#blocks, this.#encrypted, at, outAt + skip);
    });
  }

  async #andSecret({ a, first: firstBit, period, out }: Extract<Instruction, { op: 'and secret' }>) {
    const [aAt, outAt] = [this.#labels.of(a), this.#labels.of(out)];
    await this.#gates(a.lanes, SECRET_TABLE_BYTES, (first, n, at) => {
      const x = aAt + first * LABEL_BYTES;
      this.#hashBoth(x, n);
      this.#kernel.garbleHalfFinish(
        x,
        this.#secrets + firstBit,
        first,
        period,
        n,
        this.#gamma,
        this.#blocks,
        this.#encrypted,
        at,
        outAt + first * LABEL_BYTES,
      );
    });
  }

  async #output(a: Wires): Promise<void> {
    const aAt = this.#labels.of(a);
    await this.#gates(a.lanes, DECODING_BYTES, (first, n, at) => {
      this.#hashBoth(aAt + first * LABEL_BYTES, n);
      this.#kernel.decoding(n, this.#blocks, this.#encrypted, at);
    });
  }

  #hashBoth(a: number, n: number): void {
    this.#kernel.garbleHalfPrepare(a, n, this.#gate, this.#gamma, this.#blocks);
    this.#hash.encrypt(this.#gate, this.#blocks, this.#encrypted, 2 * n);
  }

  /** As {@link #pieces}, in pieces that share a key, and counts the gates. */
  async #gates(count: number, bytes: number, work: (first: number, n: number, at: number) => void) {
    await this.#pieces(count, bytes, (first, n, at) => {
      work(first, n, at);
      this.#gate += n;
    });
  }

  /** Calls `work` for pieces of `count` records of `bytes` bytes of the stream, and where each goes. */
  async #pieces(count: number, bytes: number, work: (first: number, n: number, at: number) => void) {
    for (let first = 0; first < count; ) {
      if (this.#out.full) await this.#out.send();
      const n = Math.min(count - first, PIECE, this.#out.room(bytes), this.#hash.left(this.#gate));
      work(first, n, this.#out.address);
      this.#out.advance(n * bytes);
      first += n;
    }
  }
}

function checkBits(name: string, bits: Uint8Array, expected: number): void {
  if (bits.length !== expected)
    throw new RangeError(`"${name}" must be ${expected} bits, got ${bits.length}`);
  let all = 0;
  for (let i = 0; i < bits.length; i++) all |= bits[i] ?? 0;
  if (all > 1) throw new RangeError(`"${name}" must be bytes of 0 and 1`);
}
