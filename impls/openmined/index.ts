/**
 * What a TypeScript user finds on npm: OpenMined's PSI, Diffie and Hellman on P-256 in WebAssembly, played as its
 * documentation plays it. What was looked at, measured and not claimed: `README.md`.
 */

import type { Implementation, ItemSet } from '../../bench/contract.ts';
import { itemAt } from '../primitives/items.ts';
import { type Client, guarded, type Library, loadLibrary, type Server, secretKey } from './library.ts';
import { padSetup, receiveRequest, receiveResponse, receiveSetup } from './messages.ts';
import { FALSE_POSITIVE_LOG2, OPTIONS, structureOf } from './options.ts';

/** Measured, in µs on one core: one point hashed and multiplied, or decoded and multiplied. */
const COST_US = 350;

const openmined: Implementation<typeof OPTIONS> = {
  id: 'openmined',
  title: 'OpenMined PSI (npm)',
  summary:
    "Diffie-Hellman on P-256 by the npm package @openmined/psi.js; the sender's set travels compressed.",
  references: [
    'OpenMined PSI, github.com/OpenMined/PSI: @openmined/psi.js 2.0.6',
    'Angelou, Benaissa, Cebere, et al. 2020, Asymmetric Private Set Intersection with Applications to Contact Tracing and Private Vertical Federated Machine Learning (arXiv 2011.09350)',
  ],
  version: '1',
  kind: 'cryptography',
  build: 'wasm',
  security: {
    private: true,
    model: 'semi-honest',
    trust: 'that the peer follows the protocol',
    assumption: 'DDH in P-256, SHA-256 as a random oracle',
    bits: 128,
    postQuantum: false,
    learns: {},
    falsePositiveLog2: FALSE_POSITIVE_LOG2,
  },
  options: OPTIONS,
  outputs: ['intersection', 'cardinality'],
  limits: { receiver: 2 ** 20, sender: 2 ** 20 },
  async available() {
    try {
      await loadLibrary();
      return true;
    } catch {
      return '@openmined/psi.js is not installed: npm install @openmined/psi.js';
    }
  },
  engine: ({ structure }) => `psi.js P-256, ${structure}`,
  estimate: ({ receiver, sender }) => ({
    // Both prepare at once; then the sender answers, and the receiver takes its key off.
    wallMs: 120 + ((Math.max(receiver, sender) + 2 * receiver) * COST_US) / 1000,
    peakBytes: 200e6 + (receiver + sender) * 1000,
  }),
  receiver(session) {
    const { sizes, output } = session;
    const isEmpty = sizes.receiver === 0 || sizes.sender === 0;
    const wantsItems = output.kind === 'intersection';
    let library: Library;
    let client: Client | undefined;
    let request: Uint8Array;
    return {
      async setup() {
        if (isEmpty) return;
        structureOf(session);
        library = await loadLibrary();
        client = library.client.createFromKey(secretKey(session.random), wantsItems);
      },
      async prepare(items) {
        if (client === undefined) return;
        const own = client;
        request = guarded('the items', () => own.createRequest(views(items)).serializeBinary());
      },
      async online() {
        if (client === undefined) return wantsItems ? new Uint32Array(0) : 0;
        const own = client;
        const channel = session.channel('sender');
        const [setup] = await Promise.all([receiveSetup(channel, library, session), channel.send(request)]);
        const response = await receiveResponse(channel, library, sizes.receiver);
        const fault = "the sender's messages hold no points of P-256";
        return guarded(fault, () =>
          wantsItems
            ? Uint32Array.from(own.getIntersection(setup, response)).sort()
            : own.getIntersectionSize(setup, response),
        );
      },
      close() {
        client?.delete();
        client = undefined;
      },
    };
  },
  sender(session) {
    const { sizes, options, output } = session;
    const isEmpty = sizes.receiver === 0 || sizes.sender === 0;
    let library: Library;
    let server: Server | undefined;
    let message: Uint8Array;
    return {
      async setup() {
        if (isEmpty) return;
        structureOf(session);
        library = await loadLibrary();
        server = library.server.createFromKey(secretKey(session.random), output.kind === 'intersection');
      },
      async prepare(items) {
        if (server === undefined) return;
        const own = server;
        const { Raw, GCS } = library.dataStructure;
        const structure = structureOf(session) === 'raw' ? Raw : GCS;
        const setup = guarded('the items', () =>
          own.createSetupMessage(options.fpr, sizes.receiver, views(items), structure),
        );
        message = padSetup(setup, session);
      },
      async online() {
        if (server === undefined) return;
        const own = server;
        const channel = session.channel('receiver');
        const [request] = await Promise.all([
          receiveRequest(channel, library, session),
          channel.send(message),
        ]);
        const response = guarded("the receiver's request holds no points of P-256", () =>
          own.processRequest(request).serializeBinary(),
        );
        await channel.send(response);
      },
      close() {
        server?.delete();
        server = undefined;
      },
    };
  },
};

/** The items as byte strings of the library's; out of shared memory, which it does not read. */
function views(items: ItemSet): Uint8Array[] {
  return Array.from({ length: items.count }, (_, i) => itemAt(items, i).slice());
}

export default openmined;
