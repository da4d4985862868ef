/** Flags of `bench attest`. */
import { MAX_PCRS } from '../../impls/enclave/attestation/document.ts';
import type { FlagSpec, Flags } from './spec.ts';

/** PCRs whose flags the help lists; those of the others are mentioned. */
const LISTED_PCRS = 3;

/** `pcr0` to `pcr31`. */
const PCR_FLAGS = Object.fromEntries(
  Array.from({ length: MAX_PCRS }, (_, i) => [
    `pcr${i}`,
    {
      type: 'text',
      help: `value that PCR ${i} must have, hex${i === LISTED_PCRS - 1 ? ` (likewise to --pcr${MAX_PCRS - 1})` : ''}`,
      ...(i >= LISTED_PCRS && { hidden: true }),
      commands: { 'attest verify': {} },
    } satisfies FlagSpec,
  ]),
) as Readonly<
  Record<
    `pcr${number}`,
    { readonly type: 'text'; readonly help: string; readonly commands: { readonly 'attest verify': object } }
  >
>;

export const ATTESTATION_FLAGS = {
  at: {
    type: 'text',
    help: 'time to verify for: ISO 8601 with zone, ms since 1970, or "document" (its own time)',
    defaultHelp: 'now',
    commands: { 'attest verify': {} },
  },
  nonce: {
    type: 'text',
    help: 'nonce that it must carry, hex',
    commands: { 'attest verify': {}, 'attest emulate': { help: 'nonce to carry, hex' } },
  },
  root: {
    type: 'text',
    default: 'aws',
    help: 'root to pin: SHA-256 fingerprint, "aws", or "emulator" (those made on this machine)',
    commands: { 'attest verify': {} },
  },
  'allow-debug': {
    type: 'switch',
    help: 'accept enclaves in debug mode',
    commands: { 'attest verify': {} },
  },
  'max-age': { type: 'text', help: 'greatest age, in seconds', commands: { 'attest verify': {} } },
  debug: {
    type: 'switch',
    help: 'as in debug mode: PCRs 0, 1, 2 zero',
    commands: { 'attest emulate': {} },
  },
  files: {
    type: 'switch',
    help: 'list the files of the image as well',
    commands: { 'attest measure': {} },
  },
  vm: {
    type: 'switch',
    help: 'of the virtual machine: kernel, Node and libraries included; only for machines with the same ones',
    commands: { 'attest measure': {} },
  },
  ...PCR_FLAGS,
} as const satisfies Flags;
