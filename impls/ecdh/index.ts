/**
 * PSI by Diffie and Hellman (Meadows 1986; Huberman, Franklin, Hogg 1999): the receiver sends its items as
 * a·H(x), the sender answers with tags of b·a·H(x) and sends b·H(y), and the receiver compares these tags
 * with those of a·b·H(y). What is argued, measured and not claimed: `README.md`.
 */

import type { Implementation, ItemSet } from '../../bench/contract.ts';
import { engineAvailable, engineLabel, POINT_BYTES } from '../primitives/curve/engine.ts';
import { Join } from '../primitives/join/join.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { randomOrder } from '../primitives/order/order.ts';
import { sortRecords } from '../primitives/packed/sort/sort.ts';
import { OPTIONS } from './options.ts';
import { Curve, engineOf } from './party.ts';
import { forChunks, sendChunks } from './stream.ts';

/** Measured, in µs on one core: hashing and multiplying one item, and multiplying and tagging one point. */
const COST_US = { wasm: [19, 17], sodium: [35, 33], noble: [1100, 980] } as const;

const ecdh: Implementation<typeof OPTIONS> = {
  id: 'ecdh',
  title: 'Diffie-Hellman',
  summary: 'Both parties raise hashed items to a secret power; powers commute, so the receiver can compare.',
  references: [
    'Meadows 1986, A More Efficient Cryptographic Matchmaking Protocol',
    'Huberman, Franklin, Hogg 1999, Enhancing Privacy and Trust in Electronic Communities',
    'RFC 7748 (X25519), RFC 9380 (hashing to curves), RFC 9496 (ristretto255), RFC 9497 (OPRF)',
  ],
  version: '1',
  kind: 'cryptography',
  build: 'wasm',
  security: {
    private: true,
    model: 'semi-honest',
    trust: 'that the peer follows the protocol',
    assumption: "DDH in the curve's prime-order subgroup, hashes as random oracles",
    bits: 126,
    postQuantum: false,
    learns: {},
    falsePositiveLog2: -40,
  },
  options: OPTIONS,
  threads: true,
  available: async (options) => engineAvailable(engineOf({ options })),
  engine: (options) => engineLabel(engineOf({ options })),
  estimate: ({ receiver, sender }, options) => {
    const [own, theirs] = COST_US[engineOf({ options })];
    const largest = Math.max(receiver, sender);
    return {
      wallMs: 5 + (largest * (own + theirs)) / 1000,
      // 105 MB is a party's process without any items.
      peakBytes: 105e6 + largest * 200,
    };
  },
  receiver(session) {
    const { sizes } = session;
    const empty = sizes.receiver === 0 || sizes.sender === 0;
    const curve = new Curve(session);
    let order: Uint32Array = new Uint32Array(0);
    let masked: Uint8Array | undefined;
    return {
      setup: () => curve.start(),
      async prepare(items: ItemSet) {
        if (empty) return;
        order = randomOrder(items.count, session.random);
        masked = await curve.mask(items, order);
      },
      async online() {
        if (empty) return new Uint32Array(0);
        const { channel, width } = curve;
        const flight = channel.openFlight();
        const sending = sendChunks(flight, masked!, POINT_BYTES).then(() => {
          masked = undefined;
        });
        const receiving = async () => {
          const theirs = new Uint8Array(sizes.sender * width);
          await forChunks(sizes.sender, (from, to) =>
            curve.receiveTags(from, to, theirs.subarray(from * width, to * width)),
          );
          const own = new Uint8Array(sizes.receiver * width);
          await forChunks(sizes.receiver, async (from, to) => {
            const what = `the sender's message with tags ${from} to ${to}`;
            own.set(await receiveExactly(channel, (to - from) * width, what), from * width);
          });
          const table = new Join(own, width);
          table.add(theirs);
          return table
            .result()
            .map((place) => order[place]!)
            .sort();
        };
        const [result] = await Promise.all([receiving(), sending]);
        return result;
      },
      async close() {
        masked = undefined;
        await curve.close();
      },
    };
  },
  sender(session) {
    const { sizes } = session;
    const empty = sizes.receiver === 0 || sizes.sender === 0;
    const curve = new Curve(session);
    let masked: Uint8Array | undefined;
    return {
      setup: () => curve.start(),
      async prepare(items: ItemSet) {
        if (empty) return;
        masked = await curve.mask(items);
        // In the order of the set, they would tell at which places of it the shared items are.
        sortRecords(masked, POINT_BYTES);
      },
      async online() {
        if (empty) return;
        const { channel, width } = curve;
        // Own points go first, tags follow in the order in which points came; both while points come in.
        let sent = sendChunks(channel.openFlight(), masked!, POINT_BYTES).then(() => {
          masked = undefined;
        });
        sent.catch(() => {});
        await forChunks(sizes.receiver, async (from, to) => {
          const tags = new Uint8Array((to - from) * width);
          await curve.receiveTags(from, to, tags);
          sent = sent.then(() => channel.send(tags));
          sent.catch(() => {});
        });
        await sent;
      },
      async close() {
        masked = undefined;
        await curve.close();
      },
    };
  },
};

export default ecdh;
