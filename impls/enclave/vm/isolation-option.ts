/** The options of both enclave rows on what shuts the enclave in, and what follows from them. */
import type { Hardware, OptionSpec, ValuesOf } from '../../../bench/contract.ts';
import { buildImage, type ImageSource, type Measurement, measureImage } from '../runtime/image.ts';
import { isolation } from '../runtime/isolation.ts';
import type { LaunchOptions } from '../runtime/launcher.ts';
import { probe, probed } from './accelerator.ts';
import { type Devices, devicesFor, ENTRIES } from './devices.ts';
import { buildMachine } from './machine-image.ts';
import { findParts } from './parts.ts';
import { machineDescription, machineStarter } from './start.ts';

export const ISOLATION_OPTION = {
  type: 'enum',
  values: ['process', 'vm'],
  default: 'process',
  description: 'what shuts the enclave in: a process, or a virtual machine with a kernel of its own (QEMU)',
} as const satisfies OptionSpec;

export const DEVICES_OPTION = {
  type: 'enum',
  values: ['auto', 'serial', 'kernel'],
  default: 'auto',
  description:
    "with isolation=vm: serial, one virtio port; kernel, vsock and Linux's NSM driver (QEMU 11); auto, the best there is",
} as const satisfies OptionSpec;

/** The options that both rows have. */
export type IsolationOptions = ValuesOf<{
  readonly isolation: typeof ISOLATION_OPTION;
  readonly devices: typeof DEVICES_OPTION;
}>;

const isMachine = (options: IsolationOptions): boolean => options.isolation === 'vm';

/** The devices of this computer's machines. @throws Error naming what is missing */
function machineDevices(options: IsolationOptions): Devices {
  const parts = findParts();
  if (typeof parts === 'string') throw new Error(parts);
  return devicesFor(options.devices, parts);
}

/** `true`, or what is missing for a virtual machine; boots a tiny one to find out. */
export async function isolationAvailable(options: IsolationOptions): Promise<true | string> {
  if (!isMachine(options)) return true;
  try {
    machineDevices(options);
  } catch (error) {
    return (error as Error).message;
  }
  const machine = await probe();
  return machine.works || machine.reason;
}

/** Ask {@link isolationAvailable} first: until a machine has booted, none is believed to run on a processor. */
export function isolationHardware(options: IsolationOptions): Hardware {
  if (!isMachine(options)) return 'simulated';
  const machine = probed();
  return machine?.works && machine.accelerator === 'kvm' ? 'vm' : 'emulated';
}

/** For the record. */
export function isolationDescription(options: IsolationOptions): string {
  if (!isMachine(options)) return isolation().description;
  const machine = probed();
  return machine?.works ? machineDescription(machine, machineDevices(options)) : 'virtual machine';
}

/** How the launcher starts the guest. */
export function launchOptions(
  guest: string,
  options: IsolationOptions,
): Pick<LaunchOptions, 'guest' | 'start'> {
  if (!isMachine(options)) return { guest };
  const devices = machineDevices(options);
  return { guest: sourceOf(guest, devices), start: machineStarter(devices) };
}

/**
 * What a client of this copy of the code demands: it builds the same image and measures it.
 * @throws Error when the machine's parts are not all here
 */
export function expectedPcrs(guest: string, options: IsolationOptions): Measurement['pcrs'] {
  if (!isMachine(options)) return measureImage(buildImage(guest)).pcrs;
  const parts = findParts();
  if (typeof parts === 'string') throw new Error(parts);
  const devices = devicesFor(options.devices, parts);
  return buildMachine(buildImage(sourceOf(guest, devices)), parts, devices).measurement.pcrs;
}

/** The image of a guest for these devices. */
export function sourceOf(guest: string, devices: Devices): ImageSource {
  return { guest, entry: ENTRIES[devices] };
}
