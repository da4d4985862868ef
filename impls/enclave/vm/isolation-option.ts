/** The option `isolation` of both enclave rows: what shuts the enclave in, and what follows from it. */
import type { Hardware, OptionSpec, ValuesOf } from '../../../bench/contract.ts';
import { buildImage, type Measurement, measureImage } from '../runtime/image.ts';
import { isolation } from '../runtime/isolation.ts';
import { type Starter, startProcess } from '../runtime/launcher.ts';
import { probe, probed } from './accelerator.ts';
import { buildMachine } from './machine-image.ts';
import { findParts } from './parts.ts';
import { machineDescription, startMachine } from './start.ts';

export const ISOLATION_OPTION = {
  type: 'enum',
  values: ['process', 'vm'],
  default: 'process',
  description: 'what shuts the enclave in: a process, or a virtual machine with a kernel of its own (QEMU)',
} as const satisfies OptionSpec;

/** The options that both rows have. */
export type IsolationOptions = ValuesOf<{ readonly isolation: typeof ISOLATION_OPTION }>;

const isMachine = (options: IsolationOptions): boolean => options.isolation === 'vm';

/** `true`, or what is missing for a virtual machine; boots a tiny one to find out. */
export async function isolationAvailable(options: IsolationOptions): Promise<true | string> {
  if (!isMachine(options)) return true;
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
  return machine?.works ? machineDescription(machine) : 'virtual machine';
}

export function starterOf(options: IsolationOptions): Starter {
  return isMachine(options) ? startMachine : startProcess;
}

/**
 * What a client of this copy of the code demands: it builds the same image and measures it.
 * @throws Error when the machine's parts are not all here
 */
export function expectedPcrs(guest: string, options: IsolationOptions): Measurement['pcrs'] {
  const image = buildImage(guest);
  if (!isMachine(options)) return measureImage(image).pcrs;
  const parts = findParts();
  if (typeof parts === 'string') throw new Error(parts);
  return buildMachine(image, parts, 'serial').measurement.pcrs;
}
