/** Runs garbled circuits without a network and without transfers, and garbles once more, slowly, gate by gate. */
import { createCipheriv, randomBytes } from 'node:crypto';
import type { Channel, Flight } from '../../../bench/contract.ts';
import type { Inputs } from '../circuits/plain.ts';
import type { Program, Wires } from '../circuits/program.ts';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { Evaluator } from './evaluator.ts';
import { Garbler, type GarblerRandomness } from './garbler.ts';
import { Labels, streamBytes } from './layout.ts';
import { Incoming, Outgoing } from './stream.ts';

export interface Setting extends GarblerRandomness {
  /** Zero labels of the evaluator's inputs, 16 bytes each. */
  readonly zeroLabels: Uint8Array;
}

export function randomSetting(program: Program): Setting {
  const gamma = randomBytes(16);
  gamma[0] = (gamma[0] ?? 0) | 1;
  return {
    gamma,
    labelKey: randomBytes(16),
    hashSeed: randomBytes(16),
    zeroLabels: randomBytes(16 * program.counts.evaluatorBits),
  };
}

/** The messages of a garbled circuit. */
export async function garbled(program: Program, inputs: Inputs, setting: Setting): Promise<Uint8Array[]> {
  const memory = new WorkingMemory();
  const labels = new Labels(memory, program);
  for (const { address, first, count } of labels.evaluatorInputs()) {
    memory.bytes(address, 16 * count).set(setting.zeroLabels.subarray(16 * first, 16 * (first + count)));
  }
  const messages: Uint8Array[] = [];
  const flight: Flight = {
    // Taken later, as a network would.
    send: async (message) => {
      await new Promise(setImmediate);
      messages.push(Uint8Array.from(message));
    },
  };
  const bits = { bits: inputs.garbler, secrets: inputs.secrets };
  await new Garbler(memory, program, labels, new Outgoing(memory, flight), bits, setting).run();
  return messages;
}

/** The outputs of a garbled circuit. */
export async function evaluated(
  program: Program,
  inputs: Inputs,
  setting: Setting,
  messages: readonly Uint8Array[],
): Promise<Uint8Array> {
  const memory = new WorkingMemory();
  const labels = new Labels(memory, program);
  for (const { address, first, count } of labels.evaluatorInputs()) {
    for (let i = 0; i < count; i++) {
      const zero = setting.zeroLabels.subarray(16 * (first + i), 16 * (first + i + 1));
      const active = zero.map(
        (byte, k) => byte ^ ((setting.gamma[k] ?? 0) * (inputs.evaluator[first + i] ?? 0)),
      );
      memory.bytes(address + 16 * i, 16).set(active);
    }
  }
  const queue = [...messages];
  const channel: Channel = {
    send: () => Promise.reject(new Error('the evaluator has nothing to send')),
    receive: async () => queue.shift() ?? Promise.reject(new Error('no message is left')),
    openFlight: () => {
      throw new Error('the evaluator has nothing to send');
    },
  };
  const incoming = new Incoming(memory, channel, streamBytes(program.counts), 'the circuit');
  return new Evaluator(memory, program, labels, incoming).run();
}

const MASK = (1n << 64n) - 1n;

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex').reverse();
}

function aes(key: Uint8Array, value: bigint): bigint {
  return numberOf(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(bytesOf(value)));
}

/** The garbler's stream by the formulas of half gates, one gate after the other, on big integers. */
export function referenceStream(program: Program, inputs: Inputs, setting: Setting): Buffer {
  const gamma = numberOf(setting.gamma);
  const values = new Map<number, bigint[]>();
  const read = ({ vector, offset, lanes }: Wires) => (values.get(vector) ?? []).slice(offset, offset + lanes);
  const write = ({ vector }: Wires, labels: bigint[]) => values.set(vector, labels);
  const stream: Buffer[] = [Buffer.from(setting.hashSeed)];
  const zeros = createCipheriv('aes-128-ctr', setting.labelKey, Buffer.alloc(16));
  let gate = 0;
  const hash = (x: bigint, number: number) => {
    const key = bytesOf(aes(setting.hashSeed, BigInt(Math.floor(gate / 4096))));
    const [high, low] = [x >> 64n, x & MASK];
    const z = (((high ^ low) << 64n) | high) ^ BigInt(number);
    return aes(key, z) ^ z;
  };
  const where = (bit: bigint, value: bigint) => ((bit & 1n) === 1n ? value : 0n);
  for (const instruction of program.instructions) {
    switch (instruction.op) {
      case 'input': {
        const { of, first, out } = instruction;
        const labels = Array.from({ length: out.lanes }, (_, i) =>
          numberOf(
            of === 'garbler'
              ? zeros.update(Buffer.alloc(16))
              : setting.zeroLabels.subarray(16 * (first + i), 16 * (first + i + 1)),
          ),
        );
        write(out, labels);
        if (of !== 'garbler') break;
        labels.forEach((label, i) => {
          stream.push(bytesOf(label ^ where(BigInt(inputs.garbler[first + i] ?? 0), gamma)));
        });
        break;
      }
      case 'xor': {
        const b = read(instruction.b);
        write(
          instruction.out,
          read(instruction.a).map((label, i) => label ^ (b[i] ?? 0n)),
        );
        break;
      }
      case 'not':
        write(
          instruction.out,
          read(instruction.a).map((label) => label ^ gamma),
        );
        break;
      case 'xor secret': {
        const { a, first, out } = instruction;
        const known = (i: number) => BigInt(inputs.secrets[first + i] ?? 0);
        write(
          out,
          read(a).map((label, i) => label ^ where(known(i), gamma)),
        );
        break;
      }
      case 'copy': {
        const out = new Array<bigint>(instruction.out.lanes);
        for (const { from, fromStep, fromRow, to, toStep, toRow, rows, count } of instruction.copies) {
          const source = read(from);
          for (let row = 0; row < rows; row++) {
            for (let i = 0; i < count; i++) {
              out[to + row * toRow + i * toStep] = source[row * fromRow + i * fromStep] ?? 0n;
            }
          }
        }
        write(instruction.out, out);
        break;
      }
      case 'and': {
        const b = read(instruction.b);
        const labels = read(instruction.a).map((a0, i) => {
          const b0 = b[i] ?? 0n;
          const [j, k] = [2 * gate, 2 * gate + 1];
          const tg = hash(a0, j) ^ hash(a0 ^ gamma, j) ^ where(b0, gamma);
          const te = hash(b0, k) ^ hash(b0 ^ gamma, k) ^ a0;
          const label = hash(a0, j) ^ where(a0, tg) ^ hash(b0, k) ^ where(b0, te ^ a0);
          stream.push(bytesOf(tg), bytesOf(te));
          gate++;
          return label;
        });
        write(instruction.out, labels);
        break;
      }
      case 'and secret': {
        const { a, first, period, out } = instruction;
        const labels = read(a).map((a0, i) => {
          const bit = BigInt(inputs.secrets[first + (i % period)] ?? 0);
          const t = hash(a0, 2 * gate) ^ hash(a0 ^ gamma, 2 * gate) ^ where(bit, gamma);
          const label = hash(a0, 2 * gate) ^ where(a0, t);
          stream.push(bytesOf(t));
          gate++;
          return label;
        });
        write(out, labels);
        break;
      }
      case 'output':
        for (const label of read(instruction.a)) {
          const half = (x: bigint) => bytesOf(hash(x, 2 * gate)).subarray(0, 8);
          stream.push(half(label), half(label ^ gamma));
          gate++;
        }
    }
  }
  return Buffer.concat(stream);
}
