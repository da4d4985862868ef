/**
 * PSI by a batched oblivious pseudorandom function from OT extension (Kolesnikov, Kumaresan, Rosulek, Trieu, CCS
 * 2016), on a cuckoo table without stash. Derivations, deviations and figures: `README.md`.
 */

import type { Implementation } from '../../bench/contract.ts';
import { kernelAvailable } from '../primitives/curve/wasm.ts';
import { OPTIONS } from './options.ts';
import { kkrtReceiver } from './receiver.ts';
import { kkrtSender } from './sender.ts';

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
  available: async () => kernelAvailable(),
  engine: () => 'wasm-simd, AES by OpenSSL',
  receiver: kkrtReceiver,
  sender: kkrtSender,
};

export default kkrt;
