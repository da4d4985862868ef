/**
 * PSI by a programmable function and one garbled comparison per bin: a circuit that is linear in the sets, and gives
 * the intersection, its size or whether it reaches a bound. What is argued and measured: `README.md`.
 */
import type { Implementation } from '../../bench/contract.ts';
import { LABEL_BYTES } from '../primitives/garbling/layout.ts';
import { COT_KINDS } from '../primitives/ot/cot.ts';
import { gateCount } from './comparisons.ts';
import { shapeOf } from './parameters.ts';
import { receiverParty } from './receiver.ts';
import { senderParty } from './sender.ts';

/** The receiver's labels must fit into the 4 GiB that WebAssembly can address. */
const MAX_ITEMS = 2 ** 21;

const circuit: Implementation = {
  id: 'circuit',
  title: 'Circuit PSI',
  summary:
    'A vector OLE and a key-value store reduce the sets to one comparison per bin of a cuckoo table; these are garbled.',
  references: [
    'Pinkas, Schneider, Tkachenko, Yanai 2019, Efficient Circuit-Based PSI with Linear Communication (ePrint 2019/241)',
    'Rindal, Schoppmann 2021, VOLE-PSI (ePrint 2021/266)',
    'Raghuraman, Rindal 2022, Blazing Fast PSI from Improved OKVS and Subfield VOLE (ePrint 2022/320)',
    'Zahur, Rosulek, Evans 2015, Two Halves Make a Whole (ePrint 2014/756)',
  ],
  version: '1',
  kind: 'cryptography',
  build: 'wasm',
  security: {
    private: true,
    model: 'semi-honest',
    trust: 'that the peer follows the protocol',
    assumption:
      'dual LPN over GF(2^128) for the expand-convolute code with regular noise, DDH (base transfers), AES as an ideal cipher',
    // The function's values are a target each, up to 3 · 2^21 of the sender's.
    bits: 105,
    postQuantum: false,
    learns: {},
    falsePositiveLog2: -40,
  },
  options: {
    ot: {
      type: 'enum',
      values: COT_KINDS,
      default: 'iknp',
      description: 'how transfers are extended: softspoken sends a quarter of the bytes of iknp',
    },
  },
  outputs: ['intersection', 'cardinality', 'threshold'],
  keeps: ['the base oblivious transfers, with the sender’s Δ and Γ'],
  limits: { receiver: MAX_ITEMS, sender: MAX_ITEMS },
  available: async () => true,
  engine: () => 'wasm-simd',
  estimate(sizes) {
    const { bins, bits, programmed } = shapeOf(sizes);
    const ands = gateCount(bins, bits, { kind: 'cardinality' });
    return {
      wallMs: 80 + ands * 1.2e-4 + programmed * 3e-4,
      peakBytes: 180e6 + bins * bits * (LABEL_BYTES + 2) + programmed * 120,
    };
  },
  receiver: receiverParty,
  sender: senderParty,
};

export default circuit;
