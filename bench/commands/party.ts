/** `bench party`: be the other host of a run. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CommandModule } from 'yargs';
import { ROOTS_VARIABLE } from '../../impls/enclave/nsm/emulator-roots.ts';
import { UsageError } from '../errors.ts';
import { findImplementations } from '../implementations/find.ts';
import type { Allowance } from '../peer/allowance.ts';
import { PeerHost } from '../peer/host.ts';
import { hostSelf } from '../peer/host-self.ts';
import { parseAddress, readKey, TOKEN_VARIABLE } from '../peer/secure.ts';
import { parseSize } from '../plan/sizes.ts';
import { captureEnvironment } from '../record/environment.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Those of a cell that ends are still going when those of the next one come. */
const SPARE_PARTIES = 2;

interface Arguments {
  readonly role: 'sender';
  readonly listen: string;
  readonly tokenFile?: string;
  readonly impl: string;
  readonly set: readonly string[];
  readonly maxSize: string;
  readonly maxThreads: number;
  readonly maxParties?: number;
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
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [],
        describe: "an option's value that may be asked for beside its default: impl.option=value; repeatable",
      })
      .option('max-size', {
        type: 'string',
        default: '2^20',
        describe: 'largest sets that may be asked for',
      })
      .option('max-threads', {
        type: 'number',
        default: availableParallelism(),
        defaultDescription: "this machine's cores",
        describe: 'most threads of a party',
      })
      .option('max-parties', {
        type: 'number',
        describe: 'most processes at once',
        defaultDescription: 'two more than implementations',
      })
      .group(['impl', 'set', 'max-size', 'max-threads', 'max-parties'], 'What others may ask for:')
      .option('once', { type: 'boolean', describe: 'end after one run' })
      .example('openssl rand -hex 32 > token', 'the secret, for both hosts')
      .example('$0 party --listen 192.0.2.1:7000 --token-file token', 'on one host, then on the other:')
      .example('$0 run --peer 192.0.2.1:7000 --token-file token --impl ecdh', 'docs/two-hosts.md') as never,
  handler: async ({ listen, tokenFile, impl, set, maxSize, maxThreads, maxParties, once }) => {
    const address = parseAddress(listen, '--listen');
    const key = readKey(tokenFile);
    const implementations = await findImplementations(impl.split(',').map((name) => name.trim()));
    const allowance: Allowance = {
      implementations,
      settings: set,
      maxItems: parseSize(maxSize),
      maxThreads: wholeNumber(maxThreads, '--max-threads'),
      maxParties: wholeNumber(maxParties ?? implementations.length + SPARE_PARTIES, '--max-parties'),
      environment: (root) => ({ [ROOTS_VARIABLE]: root ?? '' }),
    };
    const facts = { run: '', started: '', command: '', seed: '' };
    const self = hostSelf(await captureEnvironment(facts, projectRoot));
    const host = new PeerHost(key, self, allowance, (line) => process.stderr.write(`bench party: ${line}\n`));
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

function wholeNumber(value: number, flag: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UsageError(`${flag} expects a whole number of at least 1, got ${value}`);
}
