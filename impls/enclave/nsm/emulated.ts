import { randomBytes } from 'node:crypto';
import type { EmulatorPki, EnclaveIdentity } from './certificates/pki.ts';
import { encodePayload, signDocument } from './document.ts';
import {
  type AttestationRequest,
  decodeRequest,
  encodeResponse,
  MAX_REQUEST_BYTES,
  MAX_RESPONSE_BYTES,
  NsmError,
  type NsmErrorCode,
  type NsmRequest,
  type NsmResponse,
} from './messages.ts';
import type { NsmDevice } from './module.ts';
import { extend, PCR_BYTES } from './pcr.ts';

const MAX_PCRS = 32;
/** PCRs that are locked when an enclave starts. */
const BOOT_PCRS = 16;
const RANDOM_BYTES = 256;
const MAX_FIELD_BYTES = 1024;
/** The leaf certificate is renewed when less than this is left of it. */
const RENEWAL_MS = 5 * 60_000;

export interface EmulatedNsmOptions {
  readonly pki: EmulatorPki;
  /** PCR values at boot by index 0–15, 48 bytes each (see `bootPcr`); the others are zero. */
  readonly pcrs: Readonly<Record<number, Uint8Array>>;
  /** Debug mode, as real ones show it: PCRs 0, 1, 2 and 8 are zero whatever was measured. Default false. */
  readonly debug?: boolean;
  /** Default: a new one, of AWS's shape, that says "emulated". */
  readonly moduleId?: string;
  /** ms since 1970. Default `Date.now`. */
  readonly clock?: () => number;
}

/** `i-emulated<9 hex>-enc<16 hex>`. */
export function emulatedModuleId(): string {
  return `i-emulated${randomBytes(5).toString('hex').slice(1)}-enc${randomBytes(8).toString('hex')}`;
}

/**
 * An emulated security module: answers all seven requests like a real one, and signs its documents, under the root of
 * `pki`. Whoever holds it is the hypervisor: the launcher, never the enclave. It says nothing about the latency of real
 * hardware.
 */
export class EmulatedNsm implements NsmDevice {
  readonly kind = 'emulated';
  readonly #pki: EmulatorPki;
  readonly #moduleId: string;
  readonly #clock: () => number;
  readonly #pcrs: { value: Uint8Array; locked: boolean }[];
  #identity: EnclaveIdentity | null = null;
  /** The kernel serialises requests: each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EmulatedNsmOptions) {
    const { pki, pcrs, debug = false, moduleId = emulatedModuleId(), clock = Date.now } = options;
    this.#pki = pki;
    this.#moduleId = moduleId;
    this.#clock = clock;
    this.#pcrs = Array.from({ length: MAX_PCRS }, (_, index) => ({
      value: new Uint8Array(PCR_BYTES),
      locked: index < BOOT_PCRS,
    }));
    for (const [key, value] of Object.entries(pcrs)) {
      const index = Number(key);
      if (!Number.isInteger(index) || index < 0 || index >= BOOT_PCRS) {
        throw new RangeError(`"pcrs" has index ${key}; boot measurements have 0 to ${BOOT_PCRS - 1}.`);
      }
      if (!(value instanceof Uint8Array) || value.length !== PCR_BYTES) {
        throw new TypeError(`"pcrs[${key}]" expected a Uint8Array of ${PCR_BYTES} bytes.`);
      }
      if (!(debug && [0, 1, 2, 8].includes(index))) this.#pcrs[index]!.value = value.slice();
    }
  }

  /** Answers one request; an error of the module is an answer. Never rejects. */
  request(cbor: Uint8Array): Promise<Uint8Array> {
    const copy = cbor.slice();
    const answer = this.#last.then(() => this.#answer(copy));
    this.#last = answer;
    return answer;
  }

  close(): void {}

  async #answer(cbor: Uint8Array): Promise<Uint8Array> {
    try {
      if (cbor.length > MAX_REQUEST_BYTES) throw new NsmError('InputTooLarge', 'a request');
      const response = encodeResponse(await this.#handle(decodeRequest(cbor)));
      if (response.length > MAX_RESPONSE_BYTES) throw new NsmError('BufferTooSmall', 'a request');
      return response;
    } catch (error) {
      const code: NsmErrorCode = error instanceof NsmError ? error.code : 'InternalError';
      return encodeResponse({ type: 'Error', error: code });
    }
  }

  async #handle(request: NsmRequest): Promise<NsmResponse> {
    const { type } = request;
    switch (type) {
      case 'DescribeNSM':
        return {
          type,
          versionMajor: 1,
          versionMinor: 0,
          versionPatch: 0,
          moduleId: this.#moduleId,
          maxPcrs: MAX_PCRS,
          lockedPcrs: this.#lockedPcrs(),
          digest: 'SHA384',
        };
      case 'GetRandom':
        return { type, random: new Uint8Array(randomBytes(RANDOM_BYTES)) };
      case 'DescribePCR': {
        const { locked, value } = this.#pcr(request.index, type);
        return { type, lock: locked, data: value };
      }
      case 'ExtendPCR': {
        const pcr = this.#unlockedPcr(request.index, type);
        pcr.value = extend(pcr.value, request.data);
        return { type, data: pcr.value };
      }
      case 'LockPCR':
        this.#unlockedPcr(request.index, type).locked = true;
        return { type };
      case 'LockPCRs':
        // Other than LockPCR, it may cover PCRs that are locked already.
        if (request.range > MAX_PCRS) throw new NsmError('InvalidIndex', type);
        for (const pcr of this.#pcrs.slice(0, request.range)) pcr.locked = true;
        return { type };
      case 'Attestation':
        return { type, document: await this.#attest(request) };
    }
  }

  async #attest(request: AttestationRequest): Promise<Uint8Array> {
    const { userData = null, nonce = null, publicKey = null } = request;
    for (const field of [userData, nonce, publicKey]) {
      if (field && field.length > MAX_FIELD_BYTES) throw new NsmError('InputTooLarge', 'Attestation');
    }
    // The verifier would refuse the document; a key of no bytes is a mistake.
    if (publicKey?.length === 0) throw new NsmError('InvalidArgument', 'Attestation');
    const now = Math.floor(this.#clock());
    if (!this.#identity || now > this.#identity.notAfter - RENEWAL_MS || now < this.#identity.notBefore) {
      this.#identity = await this.#pki.issue(this.#moduleId, now);
    }
    const { privateKey, certificate, cabundle } = this.#identity;
    const pcrs = new Map(this.#lockedPcrs().map((index) => [index, this.#pcrs[index]!.value]));
    const payload = encodePayload({
      moduleId: this.#moduleId,
      timestamp: now,
      pcrs,
      certificate,
      cabundle,
      publicKey,
      userData,
      nonce,
    });
    return signDocument(payload, privateKey);
  }

  #lockedPcrs(): number[] {
    return this.#pcrs.flatMap(({ locked }, index) => (locked ? [index] : []));
  }

  #pcr(index: number, type: string): { value: Uint8Array; locked: boolean } {
    const pcr = this.#pcrs[index];
    if (!pcr) throw new NsmError('InvalidIndex', type);
    return pcr;
  }

  #unlockedPcr(index: number, type: string): { value: Uint8Array; locked: boolean } {
    const pcr = this.#pcr(index, type);
    if (pcr.locked) throw new NsmError('ReadOnlyIndex', type);
    return pcr;
  }
}
