/** `bench attest serve`: run a server in an enclave, and be its host. */
import { hostServer } from '../../../impls/enclave/serve/host.ts';
import { type ServerImage, serverImage } from '../../../impls/enclave/serve/server-image.ts';
import { machineStarter } from '../../../impls/enclave/vm/start.ts';
import { BenchError, ExitCode, messageOf, UsageError } from '../../errors.ts';
import { defineCommand } from '../../flags/command.ts';
import { parseAddress } from '../../peer/wire/secure.ts';
import { interruptible } from '../interrupt.ts';

export const serveCommand = defineCommand({
  name: 'attest serve',
  describe: 'run a server in an enclave (simulated hardware) and carry bytes to it, seeing only ciphertext',
  positionals: {
    guest: { help: "a server's name (echo, http, minecraft) or a folder with an enclave.json" },
  },
  examples: [
    ['$0 attest serve http --listen 127.0.0.1:7000', 'the host; then, at the client:'],
    [
      '$0 attest proxy --enclave 127.0.0.1:7000 --forward 8080 --measure http --root emulator',
      'docs/servers.md',
    ],
  ],
  run: async ({ guest, listen, port, debug, vm, maxClients }) => {
    const address = parseAddress(listen, '--listen');
    const image = serverNamed(guest);
    const guestPort = portOf(image, port);
    const say = (line: string) => process.stderr.write(`bench attest serve: ${line}\n`);
    const host = await hostServer({
      guest: image.source,
      listen: [{ host: address.host ?? '127.0.0.1', port: address.port, guestPort }],
      debug,
      maxConnections: maxClients,
      log: say,
      ...(vm && { start: machineStarter('serial') }),
    }).catch((error) => {
      throw new BenchError(`${guest} could not be served: ${messageOf(error)}`);
    });
    const { measurement, root, isolation } = host.enclave;
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const [bound] = host.addresses;
    say(`${guest} is up on ${bound?.host}:${bound?.port}, for its port ${guestPort}; Ctrl-C ends it`);
    say(`pcr0 ${hex(measurement.pcrs[0])}${debug ? ' (documents show zeros: debug mode)' : ''}`);
    say(`root ${root}: an emulator's, so nobody but this machine knows it beforehand`);
    say(`isolation: ${isolation.description}`);

    using interrupt = interruptible();
    const stopped = new Promise<'stopped'>((resolve) => {
      interrupt.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    // Its pipes alone do not keep this process alive.
    const alive = setInterval(() => {}, 2 ** 30);
    const ending = await Promise.race([stopped, host.ended]);
    clearInterval(alive);
    host.close();
    if (ending !== 'stopped') throw new BenchError(ending.message);
    return ExitCode.fine;
  },
});

/** @throws UsageError when there is no such server */
export function serverNamed(name: string, options?: { readonly isListed: boolean }): ServerImage {
  try {
    return serverImage(name, options);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** The port that is meant. @throws UsageError when the server has no such port */
export function portOf({ name, description }: ServerImage, port: number | undefined): number {
  const [first = 0] = description.ports;
  if (port !== undefined && !description.ports.includes(port)) {
    throw new UsageError(`--port ${port}: ${name} listens on ${description.ports.join(', ')}`);
  }
  return port ?? first;
}
