/** Addresses of `AF_VSOCK`: Linux `include/uapi/linux/vm_sockets.h`. */

/** The host of a virtual machine. (On Nitro the parent instance is CID 3.) */
export const HOST_CID = 2;
/** Where the launcher waits for the enclave's one stream. */
export const STREAM_PORT = 5000;

/** `struct sockaddr_vm`: family, port and CID, little-endian; 16 bytes. */
export function socketAddress(cid: number, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 40, true);
  view.setUint32(4, port, true);
  view.setUint32(8, cid, true);
  return bytes;
}
