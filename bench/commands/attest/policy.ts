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

/** From here on a number of seconds would be a time in the past of every enclave if it were ms: 1973. */
const LEAST_MS = 1e11;

/** The time that `--at` means, in ms since 1970; 'document' is its own. @throws UsageError when it means none */
export function timeOf(text: string | undefined): number | 'document' | undefined {
  if (text === undefined || text === 'document') return text;
  const invalid = (why: string) =>
    new UsageError(
      `--at expects a time such as 2026-02-06T08:24:18Z, ms since 1970, or 'document', not ${JSON.stringify(text)}${why}`,
    );
  if (/^\d+$/.test(text)) {
    const ms = Number(text);
    if (ms < LEAST_MS) throw invalid(`; are these seconds? In ms they are ${text}000`);
    if (Number.isNaN(new Date(ms).getTime())) throw invalid('');
    return ms;
  }
  // Date.parse takes a time without zone as local time, 30 February for 2 March, and much else for a time.
  const [, date] =
    /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const time = date === undefined ? Number.NaN : Date.parse(text);
  if (date === undefined || Number.isNaN(time)) throw invalid('');
  if (new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date)
    throw invalid(': there is no such day');
  return time;
}
