/**
 * PSI through a trusted third party: both parties send their sets to a helper over an encrypted
 * channel, and it answers the receiver. It is how the web works today, and the yardstick of the
 * enclave, which runs the same code behind an attestation.
 */

import type { Implementation } from '../../bench/contract.ts';
import { generateKeyPair } from '../primitives/secure-channel/hpke.ts';
import { KEY_LENGTH } from '../primitives/secure-channel/key-length.ts';
import { Client } from '../primitives/third-party/client.ts';
import { clients } from '../primitives/third-party/clients.ts';
import { type Agreement, MAX_ITEMS } from '../primitives/third-party/greeting.ts';
import { Server } from '../primitives/third-party/server.ts';
import { OPTIONS, type PlaintextSession } from './options.ts';

const NO_CONTEXT = new Uint8Array(0);

function agreement({ options, output }: PlaintextSession): Agreement {
  return { upload: options.upload, join: 'plain', output };
}

/** Setup of a client. The key counts as pinned: see README.md for what stands in for the pinning. */
async function connect(session: PlaintextSession): Promise<Client> {
  const key = await session.channel('helper').receive(KEY_LENGTH);
  return Client.connect(session, key, NO_CONTEXT, agreement(session));
}

const plaintext: Implementation<typeof OPTIONS> = {
  id: 'plaintext',
  title: 'Trusted third party',
  summary:
    'Both parties send their sets, digested, over an encrypted channel to a third party, which joins them.',
  references: ['RFC 9180 (HPKE)'],
  version: '2',
  kind: 'third-party',
  build: 'ts',
  security: {
    private: true,
    model: 'trusted third party',
    trust: 'the third party',
    assumption: 'gap-CDH on X25519, AES-256-GCM',
    bits: 126,
    postQuantum: false,
    learns: {
      helper: 'both sets, as digests of this run: every item that can be guessed, and which are shared',
    },
    falsePositiveLog2: -80,
  },
  options: OPTIONS,
  outputs: ['intersection', 'cardinality', 'threshold'],
  limits: { receiver: MAX_ITEMS, sender: MAX_ITEMS },
  available: async () => true,
  engine: ({ upload }) => (upload === 'digests' ? 'merge (ts)' : 'hash join (wasm)'),
  ...clients(connect),
  helper(session) {
    let server: Server;
    return {
      async setup() {
        const keyPair = await generateKeyPair(session.random);
        const pipes = { receiver: session.channel('receiver'), sender: session.channel('sender') };
        await Promise.all([pipes.receiver.send(keyPair.publicKey), pipes.sender.send(keyPair.publicKey)]);
        const contexts = { receiver: NO_CONTEXT, sender: NO_CONTEXT };
        server = await Server.accept(pipes, keyPair, contexts, session.random);
      },
      online: () => server.serve(),
    };
  },
};

export default plaintext;
