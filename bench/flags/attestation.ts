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
      commands: { 'attest verify': {}, 'attest proxy': {} },
    } satisfies FlagSpec,
  ]),
) as Readonly<
  Record<
    `pcr${number}`,
    {
      readonly type: 'text';
      readonly help: string;
      readonly commands: { readonly 'attest verify': object; readonly 'attest proxy': object };
    }
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
    commands: { 'attest verify': {}, 'attest proxy': {} },
  },
  'allow-debug': {
    type: 'switch',
    help: 'accept enclaves in debug mode',
    commands: { 'attest verify': {}, 'attest proxy': {} },
  },
  'max-age': {
    type: 'text',
    help: 'greatest age, in seconds',
    commands: { 'attest verify': {}, 'attest proxy': { default: '300' } },
  },
  'public-key': {
    type: 'text',
    help: 'public key that it must carry, hex',
    commands: { 'attest verify': {} },
  },
  'user-data': {
    type: 'text',
    help: 'user data that it must carry, hex',
    commands: { 'attest verify': {} },
  },
  decode: {
    type: 'switch',
    help: "take the document out of base64, hexadecimal, a JSON list of integers, or the security module's answer",
    commands: { 'attest verify': {}, 'attest show': {} },
  },
  debug: {
    type: 'switch',
    help: 'as in debug mode: PCRs 0, 1, 2 zero',
    commands: {
      'attest emulate': {},
      'attest serve': { help: 'debug mode: what the server prints is shown, and PCRs 0, 1, 2 are zero' },
    },
  },
  files: {
    type: 'switch',
    help: 'list the files of the image as well',
    commands: { 'attest measure': {} },
  },
  vm: {
    type: 'switch',
    help: 'of the virtual machine: kernel, Node and libraries included; only for machines with the same ones',
    commands: {
      'attest measure': {},
      'attest serve': { help: 'start it in a virtual machine of its own' },
      'attest proxy': { help: 'what is measured is the virtual machine', needs: 'measure' },
      'serve-cost': { help: 'also in a virtual machine of its own' },
    },
  },
  port: {
    type: 'number',
    min: 1,
    whole: true,
    help: 'which of its ports',
    defaultHelp: 'the first that its description names',
    commands: { 'attest serve': {}, 'attest proxy': {} },
  },
  'max-clients': {
    type: 'number',
    default: 256,
    min: 1,
    whole: true,
    help: 'clients at once; more are turned away',
    commands: { 'attest serve': {} },
  },
  enclave: {
    type: 'text',
    help: "HOST:PORT of the enclave's host, where bench attest serve listens",
    commands: { 'attest proxy': { required: true } },
  },
  forward: {
    type: 'text',
    help: 'where clients connect: PORT of this machine alone, or ADDRESS:PORT',
    commands: { 'attest proxy': { required: true } },
  },
  measure: {
    type: 'text',
    help: 'demand the PCRs of this server, measured from this copy of the code',
    commands: { 'attest proxy': {} },
  },
  reuse: {
    type: 'text',
    default: '0',
    help: 'let a verified document serve further connections for so many seconds (at most 3600)',
    commands: { 'attest proxy': {} },
  },
  ...PCR_FLAGS,
} as const satisfies Flags;
