/** What a person demands of attestation documents, from the command line. */
import { MAX_PCRS } from '../../../impls/enclave/attestation/document.ts';
import { AWS_ROOT_G1, checkPolicy, type Policy } from '../../../impls/enclave/attestation/policy.ts';
import { knownEmulatorRoots } from '../../../impls/enclave/nsm/emulator-roots.ts';
import { messageOf, UsageError } from '../../errors.ts';

/** The flags `--pcr0` to `--pcr31`. */
export type PcrValues = { readonly [pcr: `pcr${number}`]: string | undefined };

/** PCRs that were given; `undefined` when none was. @throws UsageError naming the flag that is wrong */
export function pcrsOf(args: PcrValues): Record<number, Uint8Array> | undefined {
  const pcrs: Record<number, Uint8Array> = {};
  for (let i = 0; i < MAX_PCRS; i++) {
    const value = fromHex(args[`pcr${i}`], `pcr${i}`);
    if (value) pcrs[i] = value;
  }
  return Object.keys(pcrs).length > 0 ? pcrs : undefined;
}

/** @throws UsageError when the text is no number of seconds */
export function secondsOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) {
    throw new UsageError(`--${flag} expects a number of seconds, not ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/** The policy. @throws UsageError naming the flag that is wrong */
export function checked<Checked extends Policy>(policy: Checked): Checked {
  try {
    checkPolicy(policy);
  } catch (error) {
    throw new UsageError(messageOf(error).replace(/"policy\.pcrs\[(\d+)\]"/, '--pcr$1'));
  }
  return policy;
}

/** Fingerprints of the roots that `--root` means. @throws UsageError when it means none */
export function rootsOf(root: string): string[] {
  if (root === 'aws') return [AWS_ROOT_G1];
  if (root !== 'emulator') {
    if (!/^[0-9a-f]{64}$/i.test(root.replaceAll(':', ''))) {
      throw new UsageError(
        `--root expects a SHA-256 in hex, 'aws' or 'emulator', not ${JSON.stringify(root)}`,
      );
    }
    return [root];
  }
  const known = knownEmulatorRoots();
  if (known.length === 0) {
    throw new UsageError(
      '--root emulator: no emulated security module has run on this machine: run one, or give its fingerprint',
    );
  }
  return known;
}

/** @throws UsageError when the text is not hex */
export function fromHex(text: string | undefined, flag: string): Uint8Array | undefined {
  if (text === undefined) return undefined;
  if (!/^([0-9a-f]{2})+$/i.test(text)) {
    throw new UsageError(`--${flag} expects bytes in hex, at least one, not ${JSON.stringify(text)}`);
  }
  return Buffer.from(text, 'hex');
}
