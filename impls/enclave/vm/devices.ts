/** How an enclave in a machine reaches its host and its security module. */
import { execFileSync } from 'node:child_process';
import { ENTRY, KERNEL_ENTRY } from '../runtime/guest.ts';
import type { VmParts } from './parts.ts';

/**
 * - `serial`: the one stream over virtio-serial; the security module is reached over it.
 * - `kernel`: the stream over `AF_VSOCK`, the security module as `/dev/nsm`, both through Linux's own drivers.
 */
export type Devices = 'serial' | 'kernel';

/** The first module of an image for these devices. */
export const ENTRIES: Readonly<Record<Devices, string>> = { serial: ENTRY, kernel: KERNEL_ENTRY };

/** For records. */
export const DEVICE_NAMES: Readonly<Record<Devices, string>> = {
  serial: 'virtio-serial',
  kernel: "vsock and Linux's NSM driver",
};

/** The kernel modules that they need, in the order of loading. */
export const KERNEL_MODULES: Readonly<Record<Devices, readonly string[]>> = {
  serial: [],
  kernel: [
    'kernel/net/vmw_vsock/vsock.ko',
    'kernel/net/vmw_vsock/vmw_vsock_virtio_transport_common.ko',
    'kernel/net/vmw_vsock/vmw_vsock_virtio_transport.ko',
    'kernel/drivers/misc/nsm.ko',
  ],
};

/** QEMU's device for a back end of any virtio device number: there since QEMU 11. */
const ANY_DEVICE = 'vhost-user-test-device-pci';

/** `true`, or what is missing for the kernel's devices, in one sentence. */
export function kernelDevices({ qemu, qemuVersion, modules }: VmParts): true | string {
  if (modules === null) return "the kernel's modules are not there: unpack the kernel's whole package";
  const help = tryRun(qemu, ['-M', 'q35', '-device', `${ANY_DEVICE},help`]);
  if (!help?.includes('virtio-id')) return `QEMU ${qemuVersion} has no ${ANY_DEVICE}: it needs QEMU 11`;
  const python = tryRun('python3', ['-c', 'import os, socket; os.eventfd_write; socket.recv_fds']);
  return python === undefined ? 'the back ends need python3, 3.10 or later' : true;
}

/** What a setting of the option `devices` means here. @throws Error when the kernel's are asked for and cannot be had */
export function devicesFor(setting: unknown, parts: VmParts): Devices {
  if (setting === 'serial') return 'serial';
  const available = kernelDevices(parts);
  if (available === true) return 'kernel';
  if (setting === 'kernel') throw new Error(available);
  return 'serial';
}

function tryRun(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    });
  } catch {
    return undefined;
  }
}
