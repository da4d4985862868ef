/**
 * The host's side of the kernel's devices: two processes that speak vhost-user with QEMU, a socket at which
 * one of them asks the security module, and one at which the other delivers the enclave's stream.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAX_REQUEST_BYTES } from '../nsm/messages.ts';

const SCRIPTS = fileURLToPath(new URL('backends/', import.meta.url));
/** virtio's number for a Nitro security module. */
const NSM_DEVICE = 33;
const READY_MS = 10_000;

export class KernelBackends {
  /** QEMU's arguments for both devices. */
  readonly devices: readonly string[];
  readonly #processes: readonly ChildProcess[];
  readonly #modules: Server;
  readonly #streams: Server;

  private constructor(
    devices: readonly string[],
    processes: readonly ChildProcess[],
    modules: Server,
    streams: Server,
  ) {
    this.devices = devices;
    this.#processes = processes;
    this.#modules = modules;
    this.#streams = streams;
  }

  /**
   * Starts both back ends, with their sockets in `folder`.
   * @param module answers the security module's requests
   * @throws Error when one does not come up: python3 is missing, say
   */
  static async start(
    folder: string,
    module: (request: Uint8Array) => Promise<Uint8Array>,
  ): Promise<KernelBackends> {
    const at = (name: string) => join(folder, name);
    const modules = createServer((socket) => void serve(socket.unref(), module)).listen(at('module'));
    const streams = createServer({ pauseOnConnect: true }).listen(at('stream'));
    await Promise.all([once(modules, 'listening'), once(streams, 'listening')]);
    const processes = [backend('nsm', at('nsm'), at('module')), backend('vsock', at('vsock'), at('stream'))];
    const devices = [
      ...['-chardev', `socket,id=nsm,path=${at('nsm')}`],
      ...['-device', `vhost-user-test-device-pci,chardev=nsm,virtio-id=${NSM_DEVICE},num_vqs=1,vq_size=16`],
      ...['-chardev', `socket,id=vsock,path=${at('vsock')}`],
      ...['-device', 'vhost-user-vsock-pci,chardev=vsock'],
    ];
    const backends = new KernelBackends(devices, processes, modules, streams);
    try {
      await Promise.all(processes.map(ready));
      // They live as long as the machine does, which is what keeps this process from ending, or does not.
      for (const handle of [...processes, modules, streams]) handle.unref();
    } catch (error) {
      backends.close();
      throw error;
    }
    return backends;
  }

  /** The enclave's stream, once it has connected. @throws Error when the machine ends before, or takes too long */
  async stream(machine: ChildProcess, limitMs: number): Promise<{ input: Socket; output: Socket }> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    this.#streams.once('connection', resolve);
    const ended = () => reject(new Error('the machine ended before its enclave had connected'));
    machine.once('exit', ended);
    machine.once('error', reject);
    const late = () => reject(new Error(`the enclave had not connected after ${limitMs / 1000} s`));
    const timer = setTimeout(late, limitMs);
    try {
      const socket = await promise;
      return { input: socket, output: socket };
    } catch (error) {
      machine.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
      machine.off('exit', ended);
      machine.off('error', reject);
    }
  }

  close(): void {
    for (const process of this.#processes) process.kill('SIGKILL');
    this.#modules.close();
    this.#streams.close();
  }
}

function backend(name: string, ...sockets: string[]): ChildProcess {
  return spawn('python3', ['-B', join(SCRIPTS, `${name}.py`), ...sockets], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Resolves when a back end listens for QEMU. */
async function ready(process: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let complaint = '';
  process.stderr?.on('data', (bytes: Buffer) => {
    complaint = (complaint + bytes.toString()).slice(-2000);
  });
  process.stdout?.once('data', () => resolve());
  for (const pipe of [process.stdout, process.stderr] as (Socket | null)[]) pipe?.unref();
  process.once('error', reject);
  process.once('exit', (code) => {
    const why = complaint.trim().split('\n').at(-1);
    reject(new Error(`a back end of the machine ended (exit code ${code}): ${why}`));
  });
  const late = () => reject(new Error(`a back end of the machine was not ready after ${READY_MS / 1000} s`));
  const timer = setTimeout(late, READY_MS);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Requests and answers, each behind its length in four bytes. */
async function serve(socket: Socket, module: (request: Uint8Array) => Promise<Uint8Array>): Promise<void> {
  let pending = Buffer.alloc(0);
  try {
    for await (const bytes of socket as AsyncIterable<Buffer>) {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
        const length = pending.readUInt32BE(0);
        if (length > MAX_REQUEST_BYTES) throw new Error('a request to the security module is too long');
        const answer = await module(pending.subarray(4, 4 + length));
        pending = pending.subarray(4 + length);
        const head = Buffer.alloc(4);
        head.writeUInt32BE(answer.length);
        socket.write(Buffer.concat([head, answer]));
      }
    }
  } catch {
    // The machine is gone, or breaks the rules: it gets no more answers.
  }
  socket.destroy();
}
