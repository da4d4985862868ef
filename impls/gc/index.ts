/**
 * PSI by a garbled circuit and nothing else: the generic answer, which gives any function of the intersection. The
 * sender garbles, the receiver evaluates. What it costs and what it promises: `README.md`.
 */
import type { Implementation, OutputKind, Session } from '../../bench/contract.ts';
import { itemDomain } from '../primitives/circuits/item-words.ts';
import { LABEL_BYTES } from '../primitives/garbling/layout.ts';
import type { PartyOptions } from '../primitives/garbling/two-party.ts';
import { COT_KINDS, type CotKind } from '../primitives/ot/cot.ts';
import { gateCounts } from './circuit.ts';
import { receiverParty } from './receiver.ts';
import { senderParty } from './sender.ts';

/** Beyond, a run sends more than 20 GB. */
const MAX_ITEMS = 2 ** 16;
const OUTPUTS: readonly OutputKind[] = ['intersection', 'cardinality', 'threshold'];

const gc: Implementation = {
  id: 'gc',
  title: 'Garbled circuit',
  summary:
    'A garbled circuit sorts both sets together, compares neighbours, and shuffles or counts what is shared.',
  references: [
    'Huang, Evans, Katz 2012, Private Set Intersection: Are Garbled Circuits Better than Custom Protocols? (NDSS)',
    'Zahur, Rosulek, Evans 2015, Two Halves Make a Whole (ePrint 2014/756)',
    'Kolesnikov, Schneider 2008, Improved Garbled Circuit: Free XOR Gates (ICALP)',
    'Guo, Katz, Wang, Weng, Yu 2020, Better Concrete Security for Half-Gates Garbling (ePrint 2019/1168)',
    'Waksman 1968, A Permutation Network (JACM)',
  ],
  version: '1',
  kind: 'cryptography',
  build: 'wasm',
  security: {
    private: true,
    model: 'semi-honest',
    trust: 'that the peer follows the protocol',
    assumption:
      'DDH (base transfers), AES as an ideal cipher (circular correlation-robust hash of half gates)',
    // 2^12 gates share a key of the hash, with up to four hashes each.
    bits: 114,
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
  outputs: OUTPUTS,
  keeps: ['the base oblivious transfers, with the sender’s Γ'],
  limits: { receiver: MAX_ITEMS, sender: MAX_ITEMS },
  available: async () => true,
  engine: () => 'wasm-simd',
  estimate(sizes) {
    const domain = itemDomain(sizes);
    const { ands, secretAnds } = gateCounts(domain, { kind: 'intersection' });
    return {
      wallMs: 60 + ands * 8e-5 + secretAnds * 5e-5,
      // Six vectors of all words live at the same time, and the sets as numbers.
      peakBytes: 130e6 + 7 * domain.lanes * domain.bits * LABEL_BYTES,
    };
  },
  receiver: (session) => receiverParty(session, options(session, 'sender')),
  sender: (session) => senderParty(session, options(session, 'receiver')),
};

function options(session: Session, peer: 'receiver' | 'sender'): PartyOptions {
  return {
    channel: session.channel(peer),
    random: session.random,
    kept: session.kept,
    context: 'psi-gc-1',
    transfers: session.options.ot as CotKind,
    peer,
  };
}

export default gc;
