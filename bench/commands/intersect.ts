/** `bench intersect`: the rows that two files share, by one run of one protocol. */
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { parseOutput } from '../implementations/output.ts';
import { intersect } from '../intersect/index.ts';
import { parseNetwork } from '../network/index.ts';
import { interruptible } from './interrupt.ts';
import { fileSpecOf } from './request/files.ts';

/** How often the line that says what is going on is written anew. */
const PROGRESS_MS = 250;

export const intersectCommand = defineCommand({
  name: 'intersect',
  describe: 'find the rows that two files share: one run, no measurement',
  examples: [
    ['$0 intersect --receiver-file a.csv --sender-file b.csv --key id --out shared.csv', ''],
    [
      '$0 intersect --receiver-file a.csv --sender-file b.csv --receiver-key No --sender-key id --impl ecdh',
      '',
    ],
  ],
  run: async ({ impl, set, output, threads, net, timeout, out, check, ...files }) => {
    const request = {
      files: fileSpecOf(files),
      ...{ impl, set, threads, out, check },
      output: parseOutput(output),
      network: parseNetwork(net),
      timeoutMs: timeout * 1000,
    };
    using interrupt = interruptible();
    const line = progressLine(process.stderr);
    try {
      const code = await intersect(request, line, interrupt.signal);
      if (interrupt.signal.aborted) line.say('interrupted: nothing was written');
      return interrupt.signal.aborted ? ExitCode.interrupted : code;
    } finally {
      line.end();
    }
  },
});

/** Lines on the error stream and, at a terminal, one that shows what is going on and for how long. */
function progressLine(stream: NodeJS.WriteStream) {
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    stream.write('\r\x1b[K');
  };
  return {
    end,
    say(text: string) {
      end();
      stream.write(`bench: ${text}\n`);
    },
    busy(what: string) {
      end();
      if (!stream.isTTY) return;
      const from = performance.now();
      const show = () => stream.write(`\r\x1b[K${what}: ${Math.round((performance.now() - from) / 1000)} s`);
      show();
      timer = setInterval(show, PROGRESS_MS);
    },
  };
}
