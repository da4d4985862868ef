/** System calls through Node's own foreign function interface (`node:ffi`, experimental since Node 26.1). */
import type { NativeBuffer, NativeMemory } from './native-memory.ts';

type Ffi = typeof import('node:ffi');

/**
 * The C library's functions that an enclave needs.
 * @throws Error in one sentence when this Node has no FFI, or its permission model does not allow it
 */
export async function cLibrary() {
  const name = 'node:ffi'; // Not a literal: other runtimes that load this module do not know it.
  let ffi: Ffi;
  try {
    ffi = (await import(name)) as Ffi;
  } catch (cause) {
    throw new Error(
      `this Node (${process.version}) cannot call system functions: it needs node:ffi (Node 26.1 or later, with --allow-ffi under the permission model)`,
      { cause },
    );
  }
  const { functions } = ffi.dlopen(null, {
    ioctl: { arguments: ['i32', 'u64', 'pointer'], return: 'i32' },
    socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
    connect: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
    __errno_location: { arguments: [], return: 'pointer' },
  });
  return {
    address: (bytes: Uint8Array): bigint => ffi.getRawPointer(bytes),
    /** 0 or more, or the negative errno. */
    call(of: 'ioctl' | 'socket' | 'connect', ...args: (number | bigint)[]): number {
      const result = Number(functions[of](...args));
      return result >= 0 ? result : -ffi.getInt32(BigInt(functions.__errno_location()));
    },
  };
}

/** Memory for `openNitroNsm`: a typed array outside V8's young generation does not move. */
export async function ffiMemory(): Promise<NativeMemory> {
  const library = await cLibrary();
  return {
    allocate(length): NativeBuffer {
      // Array buffers have their bytes outside the heap, at one address for as long as they live.
      const bytes = new Uint8Array(new ArrayBuffer(length));
      return { address: library.address(bytes), bytes, free: () => {} };
    },
    ioctl(fd, request, argument) {
      const result = library.call('ioctl', fd, BigInt(request), argument.address);
      return result < 0 ? -result : 0;
    },
  };
}
