/** `bench party`: be the other host of a run. */

import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROOTS_VARIABLE } from '../../impls/enclave/nsm/emulator-roots.ts';
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { findImplementations, type Located } from '../implementations/find.ts';
import type { Allowance } from '../peer/host/allowance.ts';
import { PeerHost } from '../peer/host/host.ts';
import { hostSelf } from '../peer/host/host-self.ts';
import { parseAddress, readKey } from '../peer/wire/secure.ts';
import { parseSize } from '../plan/sizes.ts';
import { captureEnvironment } from '../record/environment.ts';
import { interruptible } from './interrupt.ts';
import { implementationsOf } from './request/index.ts';
import { ownData } from './request/own-file.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Those of a cell that ends are still going when those of the next one come. */
const SPARE_PARTIES = 2;

export const partyCommand = defineCommand({
  name: 'party',
  describe: 'play a role for a run on another host (bench run --peer)',
  examples: [
    ['openssl rand -hex 32 > token', 'the secret, for both hosts'],
    ['$0 party --listen 192.0.2.1:7000 --token-file token', 'on one host, then on the other:'],
    ['$0 party --listen 192.0.2.1:7000 --token-file token --file b.csv --key id', 'with a file of its own'],
    ['$0 run --peer 192.0.2.1:7000 --token-file token --impl ecdh', 'docs/two-hosts.md'],
  ],
  run: async ({
    role,
    listen,
    tokenFile,
    impl,
    set,
    maxSize,
    maxThreads = availableParallelism(),
    maxParties,
    once,
    ...files
  }) => {
    const address = parseAddress(listen, '--listen');
    const key = readKey(tokenFile);
    const own = await ownData(files);
    const found = await findImplementations(implementationsOf(impl));
    const implementations = own ? fitForOwnData(found, impl) : found;
    const allowance: Allowance = {
      implementations,
      settings: set,
      maxItems: parseSize(maxSize),
      maxThreads,
      maxParties: maxParties ?? implementations.length + SPARE_PARTIES,
      own,
      environment: (root) => ({ [ROOTS_VARIABLE]: root ?? '' }),
    };
    const facts = { run: '', started: '', command: '', seed: '' };
    const self = hostSelf(await captureEnvironment(facts, projectRoot));
    const host = new PeerHost(key, self, allowance, (line) => process.stderr.write(`bench party: ${line}\n`));
    const port = await host.listen(address);
    process.stderr.write(`bench party: the ${role} waits on port ${port}; Ctrl-C ends it\n`);
    using interrupt = interruptible();
    const stopped = new Promise<void>((resolve) => {
      interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    // A party that was told to leave has a moment to do so.
    await (once ? Promise.race([stopped, host.sessionEnded().then(() => sleep(200))]) : stopped);
    host.close();
    return ExitCode.fine;
  },
});

/**
 * Of `all`, those that need no trust in anybody but the two parties: the other host runs whatever third party
 * there is. Whoever wants another with its own data names it, and is told what that means.
 */
function fitForOwnData(found: readonly Located[], impl: string): readonly Located[] {
  const named = implementationsOf(impl);
  return found.filter(({ implementation: { id, kind, security } }) => {
    if (kind === 'cryptography') return true;
    if (!named.includes(id)) return false;
    process.stderr.write(
      `bench party: warning: ${id} is allowed with this file. Trusted: ${security.trust}\n`,
    );
    return true;
  });
}
