import type { CommandModule } from 'yargs';
import { buildImage, measureImage } from '../../impls/enclave/runtime/image.ts';

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
      .option('json', { type: 'boolean', default: false, describe: 'One line of JSON' })
      .example('$0 attest measure', 'PCR 0, 1 and 2 of the PSI guest')
      .example('$0 attest measure --files', 'And what is in the image'),
  handler: (args) => {
    let text: string;
    try {
      text = describeImage(String(args.guest), args.files === true, args.json === true);
    } catch (error) {
      process.stderr.write(`Cannot measure ${args.guest}: ${(error as Error).message}\n`);
      process.exitCode = 2;
      return;
    }
    process.stdout.write(text);
  },
};

/** What the command prints. @throws Error when the image cannot be built. */
export function describeImage(guest: string, withFiles: boolean, isJson: boolean): string {
  const image = buildImage(guest);
  const { pcrs, bytes } = measureImage(image);
  const hex = Object.entries(pcrs).map(
    ([i, value]) => [`pcr${i}`, Buffer.from(value).toString('hex')] as const,
  );
  const files = [...image.keys()];
  if (isJson) {
    const values = { guest, ...Object.fromEntries(hex), fileCount: files.length, bytes };
    return `${JSON.stringify(withFiles ? { ...values, files } : values)}\n`;
  }
  const lines = hex.map(([name, value]) => `${name} ${value}`);
  return [...lines, `${files.length} files, ${bytes} bytes`, ...(withFiles ? files : []), ''].join('\n');
}
