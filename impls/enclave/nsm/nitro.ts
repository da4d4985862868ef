import { type FileHandle, open } from 'node:fs/promises';
import { encodeResponse, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES } from './messages.ts';
import type { NsmDevice } from './module.ts';
import { encodeNsmRaw, type IoVector, NSM_IOCTL_RAW, NSM_RAW_BYTES, responseLength } from './nsm-ioctl.ts';

/**
 * The driver for a real Nitro security module.
 *
 * NOT RUN ON HARDWARE. What is tested: the bytes of the request and of `struct nsm_raw`, the ioctl's number, and this
 * driver against a simulated kernel that reads and writes memory by these addresses. What is not: koffi's part
 * ({@link koffiMemory}), and a device.
 */

/** Memory outside the JavaScript heap, and the one system call; what an FFI provides. */
export interface NativeMemory {
  /** Memory that does not move until `free`. */
  allocate(length: number): NativeBuffer;
  /** ioctl(2): 0, or the positive errno. */
  ioctl(fd: number, request: number, argument: NativeBuffer): number;
}

export interface NativeBuffer {
  readonly address: bigint;
  /** The memory itself. */
  readonly bytes: Uint8Array;
  free(): void;
}

export interface NitroOptions {
  /** Default `/dev/nsm`. */
  readonly path?: string;
  /** Default: through the package koffi. */
  readonly memory?: NativeMemory;
}

const EMSGSIZE = 90;

/** Opens the device. Rejects with one sentence that says what is missing: the device, or the package koffi. */
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
    return nitroDevice(file, memory ?? (await koffiMemory()));
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

/** The part of koffi's interface that is used (https://koffi.dev, version 2.12 or later). */
interface Koffi {
  load(path: null): { func(declaration: string): (...args: unknown[]) => number };
  alloc(type: string, length: number): unknown;
  address(pointer: unknown): bigint;
  view(pointer: unknown, length: number): ArrayBuffer;
  free(pointer: unknown): void;
  errno(): number;
}

/** Through the package koffi, which is not installed by default. Never run on hardware. */
export async function koffiMemory(): Promise<NativeMemory> {
  const name = 'koffi'; // Not a literal in the import: the package may be absent, its types too.
  let koffi: Koffi;
  try {
    koffi = ((await import(name)) as { default: Koffi }).default;
  } catch (cause) {
    throw new Error(
      'The driver for /dev/nsm needs the package koffi, which is not installed: run "npm install koffi" in the ' +
        'enclave image. This driver has never been run on hardware.',
      { cause },
    );
  }
  const ioctl = koffi.load(null).func('int ioctl(int fd, unsigned long request, ...)');
  const pointers = new WeakMap<NativeBuffer, unknown>();
  return {
    allocate(length) {
      const pointer = koffi.alloc('uint8_t', length);
      const buffer: NativeBuffer = {
        address: koffi.address(pointer),
        bytes: new Uint8Array(koffi.view(pointer, length)),
        free: () => koffi.free(pointer),
      };
      pointers.set(buffer, pointer);
      return buffer;
    },
    ioctl: (fd, request, argument) =>
      ioctl(fd, request, 'void *', pointers.get(argument)) === 0 ? 0 : koffi.errno() || -1,
  };
}
