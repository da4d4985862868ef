/** The two clients of a third party, whoever that is: they differ in what they wait for in the end. */
import type { OptionValues, ReceiverParty, SenderParty, Session } from '../../../bench/contract.ts';
import type { Client } from './client.ts';

/** Receiver and sender that upload their sets through the client that `connect` makes in setup. */
export function clients<Options extends OptionValues>(
  connect: (session: Session<Options>) => Promise<Client>,
): {
  receiver(session: Session<Options>): ReceiverParty;
  sender(session: Session<Options>): SenderParty;
} {
  const party = <Result>(session: Session<Options>, wait: (client: Client) => Promise<Result>) => {
    let client: Client;
    return {
      async setup() {
        client = await connect(session);
      },
      async prepare(items: Parameters<Client['prepare']>[0]) {
        client.prepare(items);
      },
      async online(items: Parameters<Client['upload']>[0]) {
        await client.upload(items);
        return wait(client);
      },
    };
  };
  return {
    receiver: (session) => party(session, (client) => client.answer()),
    sender: (session) => party(session, (client) => client.acknowledgement()),
  };
}
