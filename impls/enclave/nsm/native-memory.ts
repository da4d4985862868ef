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
