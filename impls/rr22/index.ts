/**
 * PSI from vector OLE and an oblivious key-value store (Raghuraman, Rindal, CCS 2022): the receiver encodes
 * its items into a vector P, hides it as D = A + P, and both end with a keyed function of items that the sender
 * can evaluate anywhere, the receiver at its own items. What is argued, measured and not claimed: `README.md`.
 */
import type { Implementation } from '../../bench/contract.ts';
import { COT_KINDS } from '../primitives/ot/cot.ts';
import { STORES } from './parameters.ts';
import { receiverParty } from './receiver.ts';
import { senderParty } from './sender.ts';

const rr22: Implementation = {
  id: 'rr22',
  title: 'Vector OLE',
  summary:
    "A vector OLE hides the receiver's encoded items and lets both parties compute the same tags for shared ones.",
  references: [
    'Raghuraman, Rindal 2022, Blazing Fast PSI from Improved OKVS and Subfield VOLE (ePrint 2022/320)',
    'Rindal, Schoppmann 2021, VOLE-PSI (ePrint 2021/266)',
    'Boyle et al. 2019, Efficient Two-Round OT Extension and Silent Non-Interactive Secure Computation (ePrint 2019/1159)',
    'Raghuraman, Rindal, Tanguy 2023, Expand-Convolute Codes (ePrint 2023/882)',
    'Bienstock, Patel, Seo, Yeo 2023, Near-Optimal Oblivious Key-Value Stores (ePrint 2023/903)',
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
    // Tags are a target each: p trial decryptions succeed with probability p·n_s / 2^128, n_s up to 2^24.
    bits: 104,
    postQuantum: false,
    learns: {},
    falsePositiveLog2: -40,
  },
  options: {
    okvs: {
      type: 'enum',
      values: STORES,
      default: 'sparse',
      description: 'the key-value store: sparse is faster, band sends a fifth less',
    },
    ot: {
      type: 'enum',
      values: COT_KINDS,
      default: 'iknp',
      description: 'how transfers are extended: softspoken sends a quarter of the bytes of iknp',
    },
  },
  keeps: ['the base oblivious transfers, with the sender’s Δ'],
  threads: true,
  available: async () => true,
  engine: () => 'wasm-simd',
  estimate: ({ receiver, sender }) => ({
    wallMs: 40 + receiver * 7e-4 + sender * 4e-4,
    // 105 MB is a party's process without any items.
    peakBytes: 125e6 + receiver * 170 + sender * 90,
  }),
  receiver: receiverParty,
  sender: senderParty,
};

export default rr22;
