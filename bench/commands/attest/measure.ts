/** `bench attest measure`: what is in an enclave's image, as PCR values. */
import {
  buildImage,
  type Image,
  type Measurement,
  measureImage,
} from '../../../impls/enclave/runtime/image.ts';
import { imageSource } from '../../../impls/enclave/serve/server-image.ts';
import { buildMachine } from '../../../impls/enclave/vm/machine-image.ts';
import { findParts } from '../../../impls/enclave/vm/parts.ts';
import { ExitCode, messageOf, UsageError } from '../../errors.ts';
import { defineCommand } from '../../flags/command.ts';

const DEFAULT_GUEST = 'impls/enclave/guests/psi.ts';

/** The values a client pins. The same commit prints the same on any machine. */
export const measureCommand = defineCommand({
  name: 'attest measure',
  describe: 'print the PCR values of an enclave image built from this copy of the code',
  positionals: {
    guest: {
      default: DEFAULT_GUEST,
      help: "a server's name or folder, or a guest's module, relative to the repository",
    },
  },
  examples: [
    ['$0 attest measure', 'PCR 0, 1 and 2 of the PSI guest'],
    ['$0 attest measure --files', 'and what is in the image'],
    ['$0 attest measure http', 'of the web server, servers/http'],
    ['$0 attest measure --vm', 'with the versions of kernel and runtime that they depend on'],
  ],
  run: async ({ guest, files, vm, json }) => {
    let text: string;
    try {
      text = describeImage(guest, { withFiles: files, isJson: json, isMachine: vm });
    } catch (error) {
      throw new UsageError(`cannot measure ${guest}: ${messageOf(error)}`);
    }
    process.stdout.write(text);
    return ExitCode.fine;
  },
});

/** What the command prints. @throws Error when the image cannot be built. */
export function describeImage(
  guest: string,
  {
    withFiles = false,
    isJson = false,
    isMachine = false,
  }: { withFiles?: boolean; isJson?: boolean; isMachine?: boolean },
): string {
  const machine = isMachine ? machineOf(guest) : undefined;
  const image = machine?.image ?? buildImage(imageSource(guest));
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

/**
 * The measurement of the machine that `attest serve --vm` starts, and the versions of what it depends on beside
 * this repository.
 */
function machineOf(guest: string): {
  image: Image;
  measurement: Measurement;
  versions: Record<string, string>;
} {
  const parts = findParts();
  if (typeof parts === 'string') throw new Error(parts);
  const devices = 'serial';
  const image = buildImage(imageSource(guest));
  const { measurement } = buildMachine(image, parts, devices);
  return { image, measurement, versions: { devices, kernel: parts.kernelVersion, node: process.version } };
}
