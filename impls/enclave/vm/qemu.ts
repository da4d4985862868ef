/** QEMU's command line for a machine without network, disk or display. */
import type { VmParts } from './parts.ts';

/** `kvm`: the processor's own virtualisation; `tcg`: every instruction emulated in software, many times slower. */
export type Accelerator = 'kvm' | 'tcg';

export interface MachineOptions {
  readonly accelerator: Accelerator;
  readonly initramfs: string;
  /** Where the console's lines go: QEMU's standard output, a Unix socket that somebody listens at, or nowhere. */
  readonly console: 'stdio' | 'null' | { readonly socket: string };
  /** Further devices, as QEMU's arguments. */
  readonly devices: readonly string[];
  /** The enclave may hold its guest's memory in a file that backends map. */
  readonly isShared?: boolean;
}

/** 384 MiB do not boot with the image in RAM twice (packed and unpacked); sets of 2^20 items need more. */
const MEMORY_MIB = 2048;

/** QEMU's arguments. */
export function machineArguments({ kernel }: VmParts, options: MachineOptions): string[] {
  const { accelerator, initramfs, devices, isShared = false } = options;
  const memory = isShared ? ['-object', `memory-backend-memfd,id=memory,size=${MEMORY_MIB}M,share=on`] : [];
  const machine = `q35,accel=${accelerator}${isShared ? ',memory-backend=memory' : ''}`;
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...memory,
    ...['-M', machine, '-cpu', accelerator === 'kvm' ? 'host' : 'max', '-m', String(MEMORY_MIB), '-smp', '1'],
    ...['-kernel', kernel, '-initrd', initramfs, '-append', 'console=ttyS0 panic=-1 quiet'],
    ...consoleArguments(options.console),
    ...devices,
  ];
}

function consoleArguments(console: MachineOptions['console']): string[] {
  if (typeof console === 'string') return ['-serial', console];
  return ['-chardev', `socket,id=console,path=${console.socket}`, '-serial', 'chardev:console'];
}

/** The one stream as a virtio serial port, on QEMU's standard input and output. */
export const SERIAL_STREAM: readonly string[] = [
  '-device',
  'virtio-serial-pci',
  '-chardev',
  'stdio,id=stream,signal=off',
  '-device',
  'virtserialport,chardev=stream,name=enclave',
];
