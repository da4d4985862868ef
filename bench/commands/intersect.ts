/** `bench intersect`: the rows that two files share, by one run of one protocol. */
import { ExitCode, UsageError } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { builtIn, findImplementations } from '../implementations/find.ts';
import { parseOutput } from '../implementations/output.ts';
import { intersect } from '../intersect/index.ts';
import { parseNetwork } from '../network/index.ts';
import { interruptible } from './interrupt.ts';
import { peerAt } from './request/connect-peer.ts';
import { fileSpecOf, ownFileOf } from './request/files.ts';

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
    [
      '$0 intersect --peer 192.0.2.1:7000 --token-file token --receiver-file a.csv --key id',
      'docs/two-hosts.md',
    ],
  ],
  run: async ({
    impl,
    set,
    output,
    threads,
    net,
    timeout,
    out,
    check,
    peer: address,
    tokenFile,
    resultTo,
    ...files
  }) => {
    const spec = address === undefined ? fileSpecOf(files) : ownFileOf(files.receiverFile, files);
    const located = impl === 'auto' ? await builtIn() : await findImplementations([impl]);
    const peer = address === undefined ? null : await peerAt(address, tokenFile, located);
    if (peer && resultTo === 'both' && !peer.welcome.takesResult) {
      peer.close();
      throw new UsageError(
        "--result-to both: the sender's host does not ask for it (bench party --write-result)",
      );
    }
    const request = {
      files: spec,
      ...{ impl, set, threads, out, check, peer, resultTo },
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
    } catch (error) {
      if (!interrupt.signal.aborted) throw error;
      line.say('interrupted: nothing was written');
      return ExitCode.interrupted;
    } finally {
      line.end();
      peer?.close();
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
