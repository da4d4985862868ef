/** The other host of a run: found by the flags, its code compared. */
import { fileURLToPath } from 'node:url';
import { AUTHORITY_VARIABLE } from '../../../impls/enclave/nsm/emulator-roots.ts';
import { UsageError } from '../../errors.ts';
import type { Located } from '../../implementations/find.ts';
import { hostSelf } from '../../peer/host/host-self.ts';
import { type EmulatedRoot, Peer } from '../../peer/peer.ts';
import { parseAddress, readKey } from '../../peer/wire/secure.ts';
import type { RunRequest } from '../../plan/request.ts';
import { captureEnvironment } from '../../record/environment.ts';

const projectRoot = fileURLToPath(new URL('../../../', import.meta.url));

interface Arguments {
  readonly peer?: string;
  readonly tokenFile?: string;
  readonly resume?: string;
}

/**
 * Connects to the host that plays the sender; null when the request is for one host.
 * @throws UsageError when flags and request do not fit, or the hosts do not fit together
 */
export async function connectPeer(
  argv: Arguments,
  request: RunRequest,
  located: readonly Located[],
): Promise<Peer | null> {
  if (argv.peer === undefined) {
    if (request.networks === 'peer')
      throw new UsageError(`${argv.resume} was measured with another host: give --peer`);
    return null;
  }
  if (request.networks !== 'peer')
    throw new UsageError(`${argv.resume} was measured on one host: leave out --peer`);
  return peerAt(argv.peer, argv.tokenFile, located);
}

/** Connects to the host at `peer`. @throws UsageError when that cannot be done, or it runs other code */
export async function peerAt(
  peer: string,
  tokenFile: string | undefined,
  located: readonly Located[],
): Promise<Peer> {
  const address = parseAddress(peer, '--peer');
  const key = readKey(tokenFile);
  const now = { run: '', started: '', command: '', seed: '' };
  const self = hostSelf(await captureEnvironment(now, projectRoot));
  return Peer.connect(address, key, self, await emulatedRoot(located));
}

/** A root for the enclaves that this host emulates during the run; null when there are none. */
async function emulatedRoot(located: readonly Located[]): Promise<EmulatedRoot | null> {
  if (!located.some(({ implementation }) => implementation.kind === 'enclave')) return null;
  const { createEmulatorPki } = await import('../../../impls/enclave/nsm/certificates/pki.ts');
  const pki = await createEmulatorPki();
  return {
    fingerprint: pki.fingerprint,
    environment: { [AUTHORITY_VARIABLE]: await pki.exportRoot() },
  };
}
