/**
 * PSI by homomorphic encryption, as in Chen, Laine, Rindal 2017 and its successors, on SEAL in WebAssembly:
 * the receiver encrypts its items, the sender evaluates polynomials on them whose roots are its own. What
 * is argued, measured and not claimed: `README.md`.
 */

import type { Implementation } from '../../bench/contract.ts';
import { createEngine, engineAvailable } from '../primitives/curve/engine.ts';
import { estimateRun, LIMITS } from './chooser.ts';
import { engineOf } from './common.ts';
import { OPTIONS } from './options.ts';
import { receiverParty } from './receiver.ts';
import { loadSeal } from './runtime.ts';
import { senderParty } from './sender.ts';

const seal: Implementation<typeof OPTIONS> = {
  id: 'seal',
  title: 'Homomorphic (SEAL)',
  summary:
    'The receiver sends encrypted powers of its items; the sender evaluates, on the ciphertexts, polynomials that are zero at its own.',
  references: [
    'Chen, Laine, Rindal 2017, Fast Private Set Intersection from Homomorphic Encryption (ePrint 2017/299)',
    'Chen, Huang, Laine, Rindal 2018, Labeled PSI from Fully Homomorphic Encryption with Malicious Security (ePrint 2018/787)',
    'Cong, Moreno, Bayatbabolghani, et al. 2021, Labeled PSI from Homomorphic Encryption with Reduced Computation and Communication (ePrint 2021/1116)',
    'Brakerski, Gentry, Vaikuntanathan 2011 (BGV, ePrint 2011/277); Microsoft SEAL 4.1',
  ],
  version: '1',
  kind: 'cryptography',
  build: 'wasm',
  security: {
    private: true,
    model: 'semi-honest',
    trust: 'that the peer follows the protocol',
    assumption:
      "ring-LWE with circular security (keys for relinearisation) for the receiver's items, DDH and hashes as random oracles for both",
    bits: 126,
    // The OPRF hides the sender's items, and the receiver's before the ciphertexts do.
    postQuantum: false,
    learns: {},
    falsePositiveLog2: -40,
  },
  options: OPTIONS,
  threads: true,
  limits: LIMITS,
  async available(options) {
    const engine = engineAvailable(engineOf({ options }));
    if (engine !== true) return engine;
    try {
      await loadSeal();
      return true;
    } catch (error) {
      return `node-seal does not load (${(error as Error).message}): npm install node-seal, and Node 22.23 or later`;
    }
  },
  engine: (options) => `node-seal BGV, ${createEngine(engineOf({ options })).name}`,
  estimate: (sizes, options) => estimateRun(sizes, options.parameters, engineOf({ options })),
  receiver: receiverParty,
  sender: senderParty,
};

export default seal;
