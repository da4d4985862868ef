/**
 * The guest that joins two sets. For every run the host opens two connections, labelled
 * `<run>/receiver` and `<run>/sender`; each client sends a nonce and gets a document that attests the
 * run's public key. From there on everything is as with any third party, and encrypted.
 *
 * Nothing the host says is trusted: labels only pair connections, and a wrong pair is refused, since the
 * clients name each other.
 */
import { generateKeyPair, type HpkeKeyPair } from '../../primitives/secure-channel/hpke.ts';
import type { ClientRole } from '../../primitives/third-party/greeting.ts';
import { Server } from '../../primitives/third-party/server.ts';
import { moduleRandom, proveKey } from '../attested/prove.ts';
import { NONCE_LENGTH } from '../document-frame.ts';
import type { SecurityModule } from '../nsm/module.ts';
import type { EnclaveEnvironment, Guest } from '../runtime/guest.ts';
import type { Connection } from '../runtime/multiplexer.ts';

const psi: Guest = async (environment: EnclaveEnvironment) => {
  const unpaired = new Map<string, Partial<Record<ClientRole, Connection>>>();
  for (;;) {
    const connection = await environment.accept();
    const [, run, role] = /^(\d+)\/(receiver|sender)$/.exec(connection.label) ?? [];
    const pair = unpaired.get(run ?? '') ?? {};
    if (run === undefined || pair[role as ClientRole]) {
      connection.reset('this connection is of no run');
      continue;
    }
    pair[role as ClientRole] = connection;
    if (pair.receiver && pair.sender) {
      unpaired.delete(run);
      void serve(environment.module, { receiver: pair.receiver, sender: pair.sender });
    } else {
      unpaired.set(run, pair);
    }
  }
};

/** One run, from nonces to answers. Whatever goes wrong ends both connections, and nothing else. */
async function serve(module: SecurityModule, connections: Record<ClientRole, Connection>): Promise<void> {
  try {
    const random = await moduleRandom(module);
    const keyPair = await generateKeyPair(random);
    const [receiver, sender] = await Promise.all([
      attest(module, keyPair, connections.receiver),
      attest(module, keyPair, connections.sender),
    ]);
    const server = await Server.accept(connections, keyPair, { receiver, sender }, random);
    await server.serve();
    for (const connection of Object.values(connections)) connection.end();
  } catch (error) {
    for (const connection of Object.values(connections)) connection.reset((error as Error).message);
  }
}

/** Answers a client's nonce with a document, and returns it. */
async function attest(module: SecurityModule, keyPair: HpkeKeyPair, client: Connection): Promise<Uint8Array> {
  const nonce = await client.receive(NONCE_LENGTH);
  await client.send(await proveKey(module, keyPair.publicKey, nonce));
  return nonce;
}

export default psi;
