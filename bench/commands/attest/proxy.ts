/** `bench attest proxy`: verify the server in an enclave, and let any client use it. */
import type { Expectation } from '../../../impls/enclave/attested/check.ts';
import { buildImage, measureImage } from '../../../impls/enclave/runtime/image.ts';
import { startProxy } from '../../../impls/enclave/serve/proxy.ts';
import { imageSource } from '../../../impls/enclave/serve/server-image.ts';
import { buildMachine } from '../../../impls/enclave/vm/machine-image.ts';
import { findParts } from '../../../impls/enclave/vm/parts.ts';
import { BenchError, ExitCode, messageOf, UsageError } from '../../errors.ts';
import { defineCommand } from '../../flags/command.ts';
import type { ArgumentsOf } from '../../flags/index.ts';
import { parseAddress } from '../../peer/wire/secure.ts';
import { interruptible } from '../interrupt.ts';
import { checked, type PcrValues, pcrsOf, rootsOf, secondsOf } from './policy.ts';
import { portOf, serverNamed } from './serve.ts';

type ProxyArguments = ArgumentsOf<'attest proxy'> & PcrValues;

export const proxyCommand = defineCommand({
  name: 'attest proxy',
  describe:
    'listen for any client, and connect it to a server in an enclave once that has proved what it runs',
  examples: [
    [
      '$0 attest proxy --enclave 192.0.2.1:7000 --forward 8080 --measure http --root emulator',
      'then: curl http://127.0.0.1:8080/',
    ],
    [
      '$0 attest proxy --enclave h:1 --forward 5432 --port 5432 --pcr0 b061… --root aws',
      'PCRs known otherwise',
    ],
  ],
  epilogue:
    'Nothing of a client is sent before the document is accepted; a refusal closes the connection and prints the reason. docs/servers.md',
  run: runProxy,
});

async function runProxy(args: ProxyArguments): Promise<number> {
  const enclave = parseAddress(args.enclave, '--enclave');
  const forward = parseAddress(
    /^\d+$/.test(args.forward) ? `127.0.0.1:${args.forward}` : args.forward,
    '--forward',
  );
  const service = `tcp/${servicePort(args)}`;
  const expectation = expectationOf(args);
  const say = (line: string) => process.stderr.write(`bench attest proxy: ${line}\n`);
  const proxy = await startProxy({
    host: enclave.host ?? '127.0.0.1',
    port: enclave.port,
    service,
    expectation,
    forward: { host: forward.host ?? '127.0.0.1', port: forward.port },
    reuseSeconds: secondsOf(args.reuse, 'reuse') ?? 0,
    log: say,
  }).catch((error) => {
    throw error instanceof RangeError
      ? new UsageError(`--reuse: ${error.message}`)
      : new BenchError(messageOf(error));
  });
  say(`clients connect to ${proxy.address.host}:${proxy.address.port}; Ctrl-C ends it`);
  using interrupt = interruptible();
  await new Promise<void>((resolve) => {
    interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  proxy.close();
  return ExitCode.fine;
}

function servicePort({ measure, port }: ProxyArguments): number {
  if (measure !== undefined) return portOf(serverNamed(measure), port);
  if (port === undefined) throw new UsageError('give --port, the port of the server, or --measure');
  return port;
}

/** @throws UsageError when nothing is pinned: then any code would be accepted. */
function expectationOf(args: ProxyArguments): () => Expectation {
  const given = pcrsOf(args);
  if (given === undefined && args.measure === undefined) {
    throw new UsageError('say which code is expected: --measure SERVER, or --pcr0 (and others)');
  }
  const pcrs = { ...(args.measure !== undefined && measured(args.measure, args.vm)), ...given };
  const maxAgeSeconds = secondsOf(args.maxAge, 'max-age') ?? 300;
  const expectation = () => ({
    pcrs,
    // An emulator may be started after the proxy.
    roots: rootsOf(args.root),
    maxAgeSeconds,
    ...(args.allowDebug && { allowDebug: true }),
  });
  if (args.root !== 'emulator') checked(expectation());
  return expectation;
}

function measured(name: string, isMachine: boolean): Expectation['pcrs'] {
  try {
    const image = buildImage(imageSource(name));
    if (!isMachine) return measureImage(image).pcrs;
    const parts = findParts();
    if (typeof parts === 'string') throw new Error(parts);
    return buildMachine(image, parts, 'serial').measurement.pcrs;
  } catch (error) {
    throw new UsageError(`cannot measure ${name}: ${messageOf(error)}`);
  }
}
