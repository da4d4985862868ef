import { type FileHandle, open } from 'node:fs/promises';
import { ffiMemory } from './ffi.ts';
import { encodeResponse, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES } from './messages.ts';
import type { NsmDevice } from './module.ts';
import type { NativeBuffer, NativeMemory } from './native-memory.ts';
import { encodeNsmRaw, type IoVector, NSM_IOCTL_RAW, NSM_RAW_BYTES, responseLength } from './nsm-ioctl.ts';

/**
 * The driver for a Nitro security module behind Linux's `/dev/nsm`.
 *
 * NOT RUN ON NITRO. What was run: this driver against Linux's own (`drivers/misc/nsm.c`) in a virtual machine whose
 * device is the emulated module (`impls/enclave/vm`), and its bytes against a simulated kernel in the tests.
 */

export interface NitroOptions {
  /** Default `/dev/nsm`. */
  readonly path?: string;
  /** Default: through `node:ffi`. */
  readonly memory?: NativeMemory;
}

const EMSGSIZE = 90;

/** Opens the device. Rejects with one sentence that says what is missing: the device, or an FFI. */
export async function openNitroNsm({ path = '/dev/nsm', memory }: NitroOptions = {}): Promise<NsmDevice> {
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(
      `The Nitro security module ${path} cannot be opened (${code}): it exists only inside a Nitro enclave. ` +
        'Use the emulated module elsewhere.',
      { cause },
    );
  }
  try {
    return nitroDevice(file, memory ?? (await ffiMemory()));
  } catch (error) {
    await file.close();
    throw error;
  }
}

function nitroDevice(file: FileHandle, memory: NativeMemory): NsmDevice {
  return {
    kind: 'nitro',
    // Synchronous up to its end, so requests never overlap. The event loop stands still for some milliseconds.
    async request(cbor) {
      if (cbor.length > MAX_REQUEST_BYTES) return encodeResponse({ type: 'Error', error: 'InputTooLarge' });
      const buffers: NativeBuffer[] = [];
      const allocate = (length: number): NativeBuffer => {
        const buffer = memory.allocate(length);
        buffers.push(buffer);
        return buffer;
      };
      try {
        const request = allocate(cbor.length);
        const response = allocate(MAX_RESPONSE_BYTES);
        const raw = allocate(NSM_RAW_BYTES);
        request.bytes.set(cbor);
        raw.bytes.set(encodeNsmRaw(vector(request), vector(response)));
        const errno = memory.ioctl(file.fd, NSM_IOCTL_RAW, raw);
        if (errno === EMSGSIZE) return encodeResponse({ type: 'Error', error: 'InputTooLarge' });
        if (errno !== 0) throw new Error(`The Nitro security module failed: ioctl returned errno ${errno}.`);
        const length = responseLength(raw.bytes);
        if (length > MAX_RESPONSE_BYTES) {
          throw new Error(
            `The Nitro security module claims a response of ${length} bytes; its buffer is smaller.`,
          );
        }
        return response.bytes.slice(0, length);
      } finally {
        for (const buffer of buffers) buffer.free();
      }
    },
    async close() {
      await file.close();
    },
  };
}

function vector(buffer: NativeBuffer): IoVector {
  return { address: buffer.address, length: buffer.bytes.length };
}
