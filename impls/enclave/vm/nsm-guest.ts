/** A guest for tests: asks the security module everything there is to ask, and reports what came. */
import { readFileSync } from 'node:fs';
import { MAX_REQUEST_BYTES, NsmError } from '../nsm/messages.ts';
import { openNitroNsm } from '../nsm/nitro.ts';
import type { Guest } from '../runtime/guest.ts';

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error) => (error instanceof NsmError ? error.code : String(error)),
  );

/** What can be read of the machine; the image's own files are all that the permission model lets it read. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

const nsm: Guest = async ({ module, accept }) => {
  const connection = await accept();
  const description = await module.describe();
  const extended = await module.extendPcr(20, new Uint8Array(8));
  await module.lockPcr(20);
  const most = new Uint8Array(1024).fill(7);
  const device = await openNitroNsm();
  const tooLarge = await codeOf(
    device.request(new Uint8Array(MAX_REQUEST_BYTES + 1)).then((answer) => {
      throw new NsmError(
        Buffer.from(answer).toString('latin1').includes('InputTooLarge')
          ? 'InputTooLarge'
          : 'InvalidResponse',
        'Attestation',
      );
    }),
  );
  const report = {
    describe: { digest: description.digest, maxPcrs: description.maxPcrs },
    random: (await module.random(64)).length,
    pcrLocked: (await module.describePcr(0)).lock,
    extended: extended.length,
    lockedThen: await codeOf(module.extendPcr(20, new Uint8Array(8))),
    range: await module.lockPcrs(24).then(() => true),
    document: (await module.attest()).length > 3000,
    largest: (await module.attest({ nonce: most, userData: most, publicKey: most })).length > 6000,
    tooLarge,
    badIndex: await codeOf(module.describePcr(32)),
    outside: attempt(() => readFileSync('/proc/version', 'utf8')),
  };
  await connection.send(Buffer.from(JSON.stringify(report)));
  connection.end();
};

export default nsm;
