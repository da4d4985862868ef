import type { CommandModule } from 'yargs';
import { buildImage, type Image, type Measurement, measureImage } from '../../impls/enclave/runtime/image.ts';
import { buildMachine } from '../../impls/enclave/vm/machine-image.ts';
import { findParts } from '../../impls/enclave/vm/parts.ts';

const DEFAULT_GUEST = 'impls/enclave/guests/psi.ts';

/** `bench attest measure`, for yargs: the values a client pins. The same commit prints the same on any machine. */
export const measureCommand: CommandModule = {
  command: 'measure [guest]',
  describe: 'Print the PCR values of an enclave image built from this copy of the code',
  builder: (yargs) =>
    yargs
      .positional('guest', {
        type: 'string',
        default: DEFAULT_GUEST,
        describe: "The guest's module, relative to the repository",
      })
      .option('files', { type: 'boolean', default: false, describe: 'List the files of the image as well' })
      .option('vm', {
        type: 'boolean',
        default: false,
        describe:
          'Of the virtual machine: kernel, Node and libraries included; only for machines with the same ones',
      })
      .option('json', { type: 'boolean', default: false, describe: 'One line of JSON' })
      .example('$0 attest measure', 'PCR 0, 1 and 2 of the PSI guest')
      .example('$0 attest measure --files', 'And what is in the image')
      .example('$0 attest measure --vm', 'With the versions of kernel and runtime that they depend on'),
  handler: (args) => {
    let text: string;
    try {
      text = describeImage(String(args.guest), {
        withFiles: args.files === true,
        isJson: args.json === true,
        isMachine: args.vm === true,
      });
    } catch (error) {
      process.stderr.write(`Cannot measure ${args.guest}: ${(error as Error).message}\n`);
      process.exitCode = 2;
      return;
    }
    process.stdout.write(text);
  },
};

/** What the command prints. @throws Error when the image cannot be built. */
export function describeImage(
  guest: string,
  {
    withFiles = false,
    isJson = false,
    isMachine = false,
  }: { withFiles?: boolean; isJson?: boolean; isMachine?: boolean },
): string {
  const image = buildImage(guest);
  const machine = isMachine ? machineOf(image) : undefined;
  const { pcrs, bytes } = machine?.measurement ?? measureImage(image);
  const hex = Object.entries(pcrs).map(
    ([i, value]) => [`pcr${i}`, Buffer.from(value).toString('hex')] as const,
  );
  const files = [...image.keys()];
  if (isJson) {
    const values = {
      guest,
      ...Object.fromEntries(hex),
      ...machine?.versions,
      fileCount: files.length,
      bytes,
    };
    return `${JSON.stringify(withFiles ? { ...values, files } : values)}\n`;
  }
  const versions = Object.entries(machine?.versions ?? {});
  const lines = [...hex, ...versions].map(([name, value]) => `${name} ${value}`);
  return [...lines, `${files.length} files, ${bytes} bytes`, ...(withFiles ? files : []), ''].join('\n');
}

/** The machine's measurement, and the versions of what it depends on beside this repository. */
function machineOf(image: Image): { measurement: Measurement; versions: Record<string, string> } {
  const parts = findParts();
  if (typeof parts === 'string') throw new Error(parts);
  const { measurement } = buildMachine(image, parts, 'serial');
  return { measurement, versions: { kernel: parts.kernelVersion, node: process.version } };
}
