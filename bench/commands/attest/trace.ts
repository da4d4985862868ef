/** `bench attest trace`: find out which files a server reads. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { traceServer } from '../../../impls/enclave/serve/trace.ts';
import { BenchError, ExitCode, UsageError } from '../../errors.ts';
import { defineCommand } from '../../flags/command.ts';
import { interruptible } from '../interrupt.ts';
import { serverNamed } from './serve.ts';

export const traceCommand = defineCommand({
  name: 'attest trace',
  describe: 'run a server outside the enclave and write the list of files that it reads',
  positionals: { guest: { help: 'a folder with an enclave.json that names its list ("files")' } },
  examples: [
    ['$0 attest trace ./my-server', 'use it, then press Ctrl-C; the list is written and to be committed'],
  ],
  run: async ({ guest }) => {
    const image = serverNamed(guest, { isListed: false });
    const { files } = image.description;
    if (files === undefined)
      throw new UsageError(`${guest} names no list: put "files": "files.txt" into its enclave.json`);
    const trace = traceServer(image);
    process.stderr.write('bench attest trace: it runs outside any enclave; use it, then press Ctrl-C\n');
    using interrupt = interruptible();
    const stopped = new Promise<void>((resolve) => {
      interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([stopped, trace.ended]);
    if (!interrupt.signal.aborted) throw new BenchError(`${guest} ended by itself`);
    const found = await trace.finish();
    writeFileSync(join(image.folder, files), `${found.join('\n')}\n`);
    process.stdout.write(`${join(image.folder, files)}: ${found.length} files\n`);
    return ExitCode.fine;
  },
});
