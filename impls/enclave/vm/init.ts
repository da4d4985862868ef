/** What the virtual machine's first process does: a script for busybox. */
import { STREAM } from '../runtime/guest.ts';
import type { Devices } from './devices.ts';

export interface InitOptions {
  readonly devices: Devices;
  /** Node's options, as the image's manifest has them. */
  readonly flags: readonly string[];
  /** The enclave's first module, relative to the image. */
  readonly entry: string;
}

const PREPARE = `#!/bin/sh
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev; $bb mount -t proc proc /proc; $bb mount -t sysfs sys /sys; $bb mount -t tmpfs tmp /tmp
cd /app
`;

/** Off, whatever happened: the launcher sees the machine end. */
const END = `$bb poweroff -f
`;

const READ_APP = '--allow-fs-read=/app/*';
/** System calls, and the one device. */
const DEVICE_FLAGS = [
  '--allow-ffi',
  '--no-warnings',
  '--allow-fs-read=/dev/nsm',
  '--allow-fs-write=/dev/nsm',
];

/** The script of `/init`. */
export function initScript({ devices, flags, entry }: InitOptions): string {
  const node = (...more: readonly string[]) =>
    ['/node', '--permission', READ_APP, ...more, ...flags, `/app/${entry}`].map(quote).join(' ');
  if (devices === 'serial') {
    // The port opens once only, and Node's sockets do not take it: two copies carry the bytes.
    return `${PREPARE}$bb mkfifo /tmp/in /tmp/out
exec 9<>/dev/vport0p1
$bb cat <&9 >/tmp/in &
$bb cat </tmp/out >&9 &
${node()} </dev/null >/dev/null 2>/dev/console ${STREAM.input}</tmp/in ${STREAM.output}>/tmp/out
${END}`;
  }
  return `${PREPARE}for m in vsock vmw_vsock_virtio_transport_common vmw_vsock_virtio_transport nsm; do
  $bb xz -dc /modules/$m.ko.xz >/tmp/$m.ko && $bb insmod /tmp/$m.ko
done
${node(...DEVICE_FLAGS)} </dev/null >/dev/null 2>/dev/console
${END}`;
}

function quote(text: string): string {
  return /^[\w/.=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
