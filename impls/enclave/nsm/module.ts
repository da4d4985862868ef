import {
  type AttestationRequest,
  decodeResponse,
  encodeRequest,
  MAX_REQUEST_BYTES,
  type NsmDescription,
  NsmError,
  type NsmRequest,
  type NsmResponse,
} from './messages.ts';

/**
 * What a driver offers: one request in, one response out, both in CBOR (see `messages.ts`). An error of the module is
 * a response as well; the promise rejects only when the module cannot be reached. Requests are answered in order.
 * Forwarding the bytes over a stream makes a remote device: that is how an emulated enclave reaches its launcher's.
 */
export interface NsmDevice {
  /** Which driver answers. An emulated one is named in every record. */
  readonly kind: 'emulated' | 'nitro';
  request(cbor: Uint8Array): Promise<Uint8Array>;
  close(): void | Promise<void>;
}

/** A security module as an enclave uses it. Every method rejects with an {@link NsmError} when the module refuses. */
export interface SecurityModule {
  readonly kind: NsmDevice['kind'];
  describe(): Promise<NsmDescription>;
  /** `length` random bytes of the module's; several requests when it takes more than one. */
  random(length: number): Promise<Uint8Array>;
  describePcr(index: number): Promise<{ readonly lock: boolean; readonly data: Uint8Array }>;
  /** Sets the PCR to SHA-384(PCR ‖ data) and returns the new value, 48 bytes. */
  extendPcr(index: number, data: Uint8Array): Promise<Uint8Array>;
  /** From now on the PCR cannot be extended, and documents carry it. */
  lockPcr(index: number): Promise<void>;
  /** Locks the PCRs 0 to `range` − 1. */
  lockPcrs(range: number): Promise<void>;
  /** A signed attestation document with these values, at most 1024 bytes each. */
  attest(request?: AttestationRequest): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The typed interface to a device. */
export function securityModule(device: NsmDevice): SecurityModule {
  async function ask<Type extends NsmRequest['type']>(
    request: NsmRequest & { readonly type: Type },
  ): Promise<NsmResponse & { readonly type: Type }> {
    const cbor = encodeRequest(request);
    if (cbor.length > MAX_REQUEST_BYTES) throw new NsmError('InputTooLarge', request.type);
    const response = decodeResponse(await device.request(cbor));
    if (response.type === 'Error') throw new NsmError(response.error, request.type);
    if (response.type !== request.type) throw new NsmError('InvalidResponse', request.type);
    return response as NsmResponse & { readonly type: Type };
  }
  return {
    kind: device.kind,
    async describe() {
      const { type: _, ...description } = await ask({ type: 'DescribeNSM' });
      return description;
    },
    async random(length) {
      const target = new Uint8Array(length);
      for (let filled = 0; filled < length; ) {
        const { random } = await ask({ type: 'GetRandom' });
        if (random.length === 0) throw new NsmError('InvalidResponse', 'GetRandom');
        target.set(random.subarray(0, length - filled), filled);
        filled += random.length;
      }
      return target;
    },
    async describePcr(index) {
      const { lock, data } = await ask({ type: 'DescribePCR', index });
      return { lock, data };
    },
    async extendPcr(index, data) {
      return (await ask({ type: 'ExtendPCR', index, data })).data;
    },
    async lockPcr(index) {
      await ask({ type: 'LockPCR', index });
    },
    async lockPcrs(range) {
      await ask({ type: 'LockPCRs', range });
    },
    async attest(request = {}) {
      return (await ask({ type: 'Attestation', ...request })).document;
    },
    async close() {
      await device.close();
    },
  };
}
