/** Evaluates a garbled circuit while it arrives. */
import type { Instruction, Program, Wires } from '../circuits/program.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { GateHash, SEED_BYTES } from './gate-hash.ts';
import { BLOCKS_BYTES, garblingKernel, type Kernel, PIECE, runFree } from './kernel.ts';
import { DECODING_BYTES, LABEL_BYTES, type Labels, SECRET_TABLE_BYTES, TABLE_BYTES } from './layout.ts';
import type { Incoming } from './stream.ts';

/** A circuit being evaluated. The labels of the evaluator's inputs lie in `labels` already. */
export class Evaluator {
  readonly #memory: WorkingMemory;
  readonly #kernel: Kernel;
  readonly #program: Program;
  readonly #labels: Labels;
  readonly #in: Incoming;
  readonly #blocks: number;
  readonly #encrypted: number;
  readonly #outputs: number;
  #gate = 0;

  constructor(memory: WorkingMemory, program: Program, labels: Labels, incoming: Incoming) {
    this.#memory = memory;
    this.#kernel = garblingKernel(memory);
    this.#program = program;
    this.#labels = labels;
    this.#in = incoming;
    this.#blocks = memory.allocate(BLOCKS_BYTES);
    this.#encrypted = memory.allocate(BLOCKS_BYTES);
    this.#outputs = memory.allocate(program.counts.outputs);
  }

  /**
   * The circuit's outputs, a byte each.
   * @throws Error when an output's label is none of the two that it can be.
   */
  async run(): Promise<Uint8Array> {
    while (this.#in.available < SEED_BYTES) await this.#in.next();
    const hash = new GateHash(
      this.#memory,
      Uint8Array.from(this.#memory.bytes(this.#in.address, SEED_BYTES)),
    );
    this.#in.advance(SEED_BYTES);
    for (const instruction of this.#program.instructions) await this.#instruction(instruction, hash);
    const bits = Uint8Array.from(this.#memory.bytes(this.#outputs, this.#program.counts.outputs));
    const wrong = bits.findIndex((bit) => bit > 1);
    if (wrong >= 0) {
      throw new Error(
        `output ${wrong} of the garbled circuit has an unknown label: the peer garbled another circuit`,
      );
    }
    return bits;
  }

  async #instruction(instruction: Instruction, hash: GateHash): Promise<void> {
    const labels = this.#labels;
    switch (instruction.op) {
      case 'xor':
      case 'copy':
        return runFree(this.#kernel, labels, instruction);
      case 'not':
      case 'xor secret': {
        // The label stays: what it means has changed at the garbler.
        const { a, out } = instruction;
        this.#memory
          .bytes(labels.of(out), a.lanes * LABEL_BYTES)
          .set(this.#memory.bytes(labels.of(a), a.lanes * LABEL_BYTES));
        return;
      }
      case 'input':
        return instruction.of === 'garbler' ? this.#input(instruction.out) : undefined;
      case 'and':
        return this.#and(instruction.a, instruction.b, instruction.out, hash);
      case 'and secret':
        return this.#andSecret(instruction.a, instruction.out, hash);
      case 'output':
        return this.#output(instruction.a, instruction.first, hash);
    }
  }

  async #input(out: Wires): Promise<void> {
    const outAt = this.#labels.of(out);
    await this.#pieces(out.lanes, LABEL_BYTES, (first, n, at) => {
      const bytes = n * LABEL_BYTES;
      this.#memory.bytes(outAt + first * LABEL_BYTES, bytes).set(this.#memory.bytes(at, bytes));
    });
  }

  async #and(a: Wires, b: Wires, out: Wires, hash: GateHash): Promise<void> {
    const [aAt, bAt, outAt] = [this.#labels.of(a), this.#labels.of(b), this.#labels.of(out)];
    await this.#gates(a.lanes, TABLE_BYTES, hash, (first, n, at) => {
      const skip = first * LABEL_BYTES;
      const [x, y] = [aAt + skip, bAt + skip];
      this.#kernel.evaluatePrepare(x, y, n, this.#gate, this.#blocks);
      hash.encrypt(this.#gate, this.#blocks, this.#encrypted, 2 * n);
      this.#kernel.evaluateFinish(x, y, n, this.#blocks, this.#encrypted, at, outAt + skip);
    });
  }

  async #andSecret(a: Wires, out: Wires, hash: GateHash): Promise<void> {
    const [aAt, outAt] = [this.#labels.of(a), this.#labels.of(out)];
    await this.#gates(a.lanes, SECRET_TABLE_BYTES, hash, (first, n, at) => {
      const x = aAt + first * LABEL_BYTES;
      this.#hashOne(x, n, hash);
      this.#kernel.evaluateHalfFinish(x, n, this.#blocks, this.#encrypted, at, outAt + first * LABEL_BYTES);
    });
  }

  async #output(a: Wires, firstOutput: number, hash: GateHash): Promise<void> {
    const aAt = this.#labels.of(a);
    await this.#gates(a.lanes, DECODING_BYTES, hash, (first, n, at) => {
      this.#hashOne(aAt + first * LABEL_BYTES, n, hash);
      this.#kernel.decode(n, this.#blocks, this.#encrypted, at, this.#outputs + firstOutput + first);
    });
  }

  #hashOne(a: number, n: number, hash: GateHash): void {
    this.#kernel.evaluateHalfPrepare(a, n, this.#gate, this.#blocks);
    hash.encrypt(this.#gate, this.#blocks, this.#encrypted, n);
  }

  /** As {@link #pieces}, in pieces that share a key, and counts the gates. */
  async #gates(
    count: number,
    bytes: number,
    hash: GateHash,
    work: (first: number, n: number, at: number) => void,
  ): Promise<void> {
    for (let first = 0; first < count; ) {
      const n = Math.min(count - first, PIECE, hash.left(this.#gate));
      await this.#pieces(n, bytes, (skip, some, at) => {
        work(first + skip, some, at);
        this.#gate += some;
      });
      first += n;
    }
  }

  /** Calls `work` for pieces of `count` records of `bytes` bytes of the stream, and where each lies. */
  async #pieces(
    count: number,
    bytes: number,
    work: (first: number, n: number, at: number) => void,
  ): Promise<void> {
    for (let first = 0; first < count; ) {
      while (this.#in.available < bytes) await this.#in.next();
      const n = Math.min(count - first, Math.floor(this.#in.available / bytes));
      work(first, n, this.#in.address);
      this.#in.advance(n * bytes);
      first += n;
    }
  }
}
