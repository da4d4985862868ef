/**
 * PSI by a batched oblivious pseudorandom function from OT extension (Kolesnikov, Kumaresan, Rosulek, Trieu, CCS
 * 2016), on a cuckoo table without stash. Derivations, deviations and figures: `README.md`.
 */

import type { Implementation } from '../../bench/contract.ts';
import { kernelAvailable } from '../primitives/curve/wasm.ts';
import { OPTIONS } from './options.ts';
import { kkrtReceiver } from './receiver.ts';
import { kkrtSender } from './sender.ts';

/**
 * Measured, CPU time in µs: what the receiver spends on an item of its own and the sender on one of its own before they talk;
 * then, while both work at once, each on the receiver's items, the sender on its own, and last the join.
 */
const COST_US = { table: 0.16, hashed: 0.12, rows: 0.25, received: 0.06, tags: 0.36, joined: 0.05 } as const;
/** Base transfers and the first use of every kernel, in ms. */
const START_MS = { direct: 60, extended: 40 } as const;

const kkrt: Implementation<typeof OPTIONS> = {
  id: 'kkrt',
  title: 'KKRT (OT extension)',
  summary:
    'One oblivious pseudorandom function for each bin of a cuckoo table, by OT extension: symmetric cryptography after 448 base transfers.',
  references: [
    'Kolesnikov, Kumaresan, Rosulek, Trieu, CCS 2016 (ePrint 2016/799)',
    'Pinkas, Schneider, Zohner, TOPS 2018 (ePrint 2016/930): cuckoo hashing without a stash',
    'Bellare, Micali, CRYPTO 1989 (the idea of the base transfers)',
    'BLAKE3 (O’Connor, Aumasson, Neves, Wilcox-O’Hearn, 2020)',
  ],
  version: '1',
  kind: 'cryptography',
  build: 'wasm',
  security: {
    private: true,
    model: 'semi-honest',
    trust: 'that the peer follows the protocol',
    assumption:
      "DDH in the curve's prime-order subgroup (base transfers), AES as an ideal cipher, a Hamming correlation-robust hash",
    bits: 126,
    postQuantum: false,
    learns: {},
    falsePositiveLog2: -40,
  },
  options: OPTIONS,
  keeps: ['the base oblivious transfers'],
  threads: true,
  available: async () => kernelAvailable(),
  engine: () => 'wasm-simd, AES by OpenSSL',
  estimate: ({ receiver, sender }, { base }) => {
    const before = Math.max(receiver * COST_US.table, sender * COST_US.hashed);
    const together = Math.max(receiver * COST_US.rows, receiver * COST_US.received + sender * COST_US.tags);
    return {
      wallMs: START_MS[base] + (before + together + sender * COST_US.joined) / 1000,
      // 115 MB is a party's process with its kernels and without any items.
      peakBytes: 115e6 + 195 * Math.max(receiver, sender),
    };
  },
  receiver: kkrtReceiver,
  sender: kkrtSender,
};

export default kkrt;
