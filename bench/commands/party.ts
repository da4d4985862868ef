/** `bench party`: be the other host of a run. */
import { fileURLToPath } from 'node:url';
import type { CommandModule } from 'yargs';
import { findImplementations } from '../implementations/find.ts';
import { PeerHost } from '../peer/host.ts';
import { hostSelf } from '../peer/messages.ts';
import { parseAddress, readKey, TOKEN_VARIABLE } from '../peer/secure.ts';
import { captureEnvironment } from '../record/environment.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

interface Arguments {
  readonly role: 'sender';
  readonly listen: string;
  readonly tokenFile?: string;
  readonly impl: string;
  readonly once?: boolean;
}

export const partyCommand: CommandModule<object, Arguments> = {
  command: 'party',
  describe: 'play a role for a run on another host (bench run --peer)',
  builder: (argv) =>
    argv
      .option('role', {
        choices: ['sender'] as const,
        default: 'sender' as const,
        describe: 'the role to play',
      })
      .option('listen', { type: 'string', demandOption: true, describe: 'HOST:PORT to listen on' })
      .option('token-file', {
        type: 'string',
        describe: `file with the secret of both hosts (without it: ${TOKEN_VARIABLE})`,
      })
      .option('impl', {
        type: 'string',
        default: 'all',
        describe: 'implementations that may be asked for, as in bench run',
      })
      .option('once', { type: 'boolean', describe: 'end after one run' })
      .example('openssl rand -hex 32 > token', 'the secret, for both hosts')
      .example('$0 party --listen 192.0.2.1:7000 --token-file token', 'on one host, then on the other:')
      .example('$0 run --peer 192.0.2.1:7000 --token-file token --impl ecdh', 'docs/two-hosts.md') as never,
  handler: async ({ listen, tokenFile, impl, once }) => {
    const address = parseAddress(listen, '--listen');
    const key = readKey(tokenFile);
    const implementations = await findImplementations(impl.split(',').map((name) => name.trim()));
    const facts = { run: '', started: '', command: '', seed: '' };
    const self = hostSelf(await captureEnvironment(facts, projectRoot));
    const host = new PeerHost(key, self, implementations, (line) =>
      process.stderr.write(`bench party: ${line}\n`),
    );
    const port = await host.listen(address);
    process.stderr.write(`bench party: the sender waits on port ${port}; Ctrl-C ends it\n`);
    const stop = () => {
      host.close();
      process.exit(0);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
    if (!once) return;
    await host.sessionEnded();
    // A party that was told to leave has a moment to do so.
    setTimeout(stop, 200);
  },
};
