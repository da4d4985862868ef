/**
 * Requests to a Nitro security module (NSM) and its answers, and their CBOR forms, as AWS's `nsm-api` defines them
 * (https://github.com/aws/aws-nitro-enclaves-nsm-api, `src/api/mod.rs`): a variant without fields is a text string, one
 * with fields a map of one entry.
 */
import { decode, encode } from 'cborg';

/** Longest request and longest response that the kernel's driver passes on. */
export const MAX_REQUEST_BYTES = 0x1000;
export const MAX_RESPONSE_BYTES = 0x3000;

/** What an attestation document is asked to carry. Each at most 1024 bytes. */
export interface AttestationRequest {
  readonly userData?: Uint8Array | null;
  readonly nonce?: Uint8Array | null;
  readonly publicKey?: Uint8Array | null;
}

export type NsmRequest =
  | { readonly type: 'DescribeNSM' }
  | { readonly type: 'GetRandom' }
  | { readonly type: 'DescribePCR'; readonly index: number }
  | { readonly type: 'ExtendPCR'; readonly index: number; readonly data: Uint8Array }
  | { readonly type: 'LockPCR'; readonly index: number }
  | { readonly type: 'LockPCRs'; readonly range: number }
  | ({ readonly type: 'Attestation' } & AttestationRequest);

export interface NsmDescription {
  readonly versionMajor: number;
  readonly versionMinor: number;
  readonly versionPatch: number;
  readonly moduleId: string;
  readonly maxPcrs: number;
  /** Ascending. */
  readonly lockedPcrs: readonly number[];
  readonly digest: string;
}

export type NsmResponse =
  | ({ readonly type: 'DescribeNSM' } & NsmDescription)
  | { readonly type: 'GetRandom'; readonly random: Uint8Array }
  | { readonly type: 'DescribePCR'; readonly lock: boolean; readonly data: Uint8Array }
  | { readonly type: 'ExtendPCR'; readonly data: Uint8Array }
  | { readonly type: 'LockPCR' }
  | { readonly type: 'LockPCRs' }
  | { readonly type: 'Attestation'; readonly document: Uint8Array }
  | { readonly type: 'Error'; readonly error: NsmErrorCode };

export const NSM_ERROR_CODES = [
  'InvalidArgument',
  'InvalidIndex',
  'InvalidResponse',
  'ReadOnlyIndex',
  'InvalidOperation',
  'BufferTooSmall',
  'InputTooLarge',
  'InternalError',
] as const;

export type NsmErrorCode = (typeof NSM_ERROR_CODES)[number];

const ERROR_MEANINGS: Readonly<Record<NsmErrorCode, string>> = {
  InvalidArgument: 'an argument is missing or of the wrong type',
  InvalidIndex: 'there is no such PCR',
  InvalidResponse: 'the answer does not fit the request',
  ReadOnlyIndex: 'the PCR is locked',
  InvalidOperation: 'there is no such request',
  BufferTooSmall: 'the answer does not fit the buffer',
  InputTooLarge: 'the request or one of its fields is too large',
  InternalError: 'the security module failed',
};

/** An error that a security module answered, or that its answer amounts to. */
export class NsmError extends Error {
  readonly code: NsmErrorCode;

  constructor(code: NsmErrorCode, request: string) {
    super(`The security module refused ${request}: ${code} (${ERROR_MEANINGS[code]}).`);
    this.name = 'NsmError';
    this.code = code;
  }
}

/** Fields in the order given, as AWS's serialiser writes them; cborg would sort them. */
const encodeInOrder = (value: unknown): Uint8Array => encode(value, { mapSorter: () => 0 });
const DECODE_STRICTLY = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
} as const;

export function encodeRequest(request: NsmRequest): Uint8Array {
  switch (request.type) {
    case 'DescribeNSM':
    case 'GetRandom':
      return encode(request.type);
    case 'DescribePCR':
    case 'LockPCR':
      return encodeInOrder({ [request.type]: { index: request.index } });
    case 'ExtendPCR':
      return encodeInOrder({ ExtendPCR: { index: request.index, data: request.data } });
    case 'LockPCRs':
      return encodeInOrder({ LockPCRs: { range: request.range } });
    case 'Attestation': {
      const { userData = null, nonce = null, publicKey = null } = request;
      return encodeInOrder({ Attestation: { user_data: userData, nonce, public_key: publicKey } });
    }
  }
}

/** @throws {NsmError} InvalidOperation for anything that is no request, InvalidArgument for a wrong argument */
export function decodeRequest(bytes: Uint8Array): NsmRequest {
  const { type, fields } = variant(bytes);
  const argument = <T>(value: T | undefined): T => {
    if (value === undefined) throw new NsmError('InvalidArgument', type);
    return value;
  };
  switch (type) {
    case 'DescribeNSM':
    case 'GetRandom':
      return { type };
    case 'DescribePCR':
    case 'LockPCR':
      return { type, index: argument(asU16(fields.index)) };
    case 'ExtendPCR':
      return { type, index: argument(asU16(fields.index)), data: argument(asBytes(fields.data)) };
    case 'LockPCRs':
      return { type, range: argument(asU16(fields.range)) };
    case 'Attestation': {
      // Option fields: null and absent are the same.
      const optional = (value: unknown) =>
        argument(value === undefined || value === null ? null : asBytes(value));
      return {
        type,
        userData: optional(fields.user_data),
        nonce: optional(fields.nonce),
        publicKey: optional(fields.public_key),
      };
    }
    default:
      throw new NsmError('InvalidOperation', 'a request that it does not know');
  }
}

export function encodeResponse(response: NsmResponse): Uint8Array {
  switch (response.type) {
    case 'DescribeNSM':
      return encodeInOrder({
        DescribeNSM: {
          version_major: response.versionMajor,
          version_minor: response.versionMinor,
          version_patch: response.versionPatch,
          module_id: response.moduleId,
          max_pcrs: response.maxPcrs,
          locked_pcrs: response.lockedPcrs,
          digest: response.digest,
        },
      });
    case 'GetRandom':
      return encodeInOrder({ GetRandom: { random: response.random } });
    case 'DescribePCR':
      return encodeInOrder({ DescribePCR: { lock: response.lock, data: response.data } });
    case 'ExtendPCR':
      return encodeInOrder({ ExtendPCR: { data: response.data } });
    case 'LockPCR':
    case 'LockPCRs':
      return encode(response.type);
    case 'Attestation':
      return encodeInOrder({ Attestation: { document: response.document } });
    case 'Error':
      return encodeInOrder({ Error: response.error });
  }
}

/** @throws {NsmError} InvalidResponse for anything that is no answer to any request */
export function decodeResponse(bytes: Uint8Array): NsmResponse {
  const { type, fields, value: raw } = variant(bytes);
  const field = <T>(value: T | undefined): T => {
    if (value === undefined)
      throw new NsmError('InvalidResponse', `a request and answered a malformed ${type}`);
    return value;
  };
  switch (type) {
    case 'DescribeNSM':
      return {
        type,
        versionMajor: field(asU16(fields.version_major)),
        versionMinor: field(asU16(fields.version_minor)),
        versionPatch: field(asU16(fields.version_patch)),
        moduleId: field(typeof fields.module_id === 'string' ? fields.module_id : undefined),
        maxPcrs: field(asU16(fields.max_pcrs)),
        lockedPcrs: field(Array.isArray(fields.locked_pcrs) ? fields.locked_pcrs : undefined).map((index) =>
          field(asU16(index)),
        ),
        digest: field(typeof fields.digest === 'string' ? fields.digest : undefined),
      };
    case 'GetRandom':
      return { type, random: field(asBytes(fields.random)) };
    case 'DescribePCR':
      return {
        type,
        lock: field(typeof fields.lock === 'boolean' ? fields.lock : undefined),
        data: field(asBytes(fields.data)),
      };
    case 'ExtendPCR':
      return { type, data: field(asBytes(fields.data)) };
    case 'LockPCR':
    case 'LockPCRs':
      return { type };
    case 'Attestation':
      return { type, document: field(asBytes(fields.document)) };
    case 'Error':
      return { type, error: field(NSM_ERROR_CODES.find((code) => code === raw)) };
    default:
      throw new NsmError('InvalidResponse', 'a request and answered something unknown');
  }
}

interface Variant {
  /** '' for bytes that encode no variant. */
  readonly type: string;
  /** What it holds, empty where that is no map. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

function variant(bytes: Uint8Array): Variant {
  const none = { type: '', fields: {}, value: undefined };
  let decoded: unknown;
  try {
    decoded = decode(bytes, DECODE_STRICTLY);
  } catch {
    return none;
  }
  if (typeof decoded === 'string') return { type: decoded, fields: {}, value: undefined };
  if (!isRecord(decoded)) return none;
  const entries = Object.entries(decoded);
  if (entries.length !== 1) return none;
  const [type, value] = entries[0]!;
  return { type, fields: isRecord(value) ? value : {}, value };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

function asBytes(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

function asU16(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff
    ? (value as number)
    : undefined;
}
