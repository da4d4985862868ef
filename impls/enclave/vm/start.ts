/** Starts an enclave's image in a virtual machine of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { launchFolder } from '../runtime/launch-folder.ts';
import type { Prepared, Started, Starter } from '../runtime/launcher.ts';
import { type Probe, probe } from './accelerator.ts';
import { DEVICE_NAMES, type Devices } from './devices.ts';
import { KernelBackends } from './kernel-backends.ts';
import { buildMachine } from './machine-image.ts';
import { type Accelerator, machineArguments, SERIAL_STREAM } from './qemu.ts';

type Works = Extract<Probe, { works: true }>;
type Module = Parameters<Prepared['start']>[0];

/** In software everything takes many times as long. */
const LIMITS: Readonly<Record<Accelerator, Started['limits']>> = {
  kvm: { launchMs: 60_000, answerMs: 10_000 },
  tcg: { launchMs: 300_000, answerMs: 120_000 },
};

/** For records: what runs the machine, and how. */
export function machineDescription({ parts, accelerator }: Works, devices: Devices): string {
  return `virtual machine (QEMU ${parts.qemuVersion}, ${accelerator.toUpperCase()}, Linux ${parts.kernelVersion}, ${DEVICE_NAMES[devices]})`;
}

/**
 * A way for the launcher to start images in a machine with these devices.
 * @throws Error (when used) when no machine can run here, in one sentence
 */
export function machineStarter(devices: Devices): Starter {
  return async (image, isDebug) => {
    const machine = await probe();
    if (!machine.works) throw new Error(machine.reason);
    const { initramfs, measurement } = buildMachine(image, machine.parts, devices);
    return { measurement, start: (module) => boot(machine, devices, initramfs, module, isDebug) };
  };
}

async function boot(
  machine: Works,
  devices: Devices,
  initramfs: Uint8Array,
  module: Module,
  isDebug: boolean,
): Promise<Started> {
  const { parts, accelerator } = machine;
  const folder = launchFolder();
  let backends: KernelBackends | undefined;
  const clean = () => {
    backends?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    backends = devices === 'kernel' ? await KernelBackends.start(folder, module) : undefined;
    const file = join(folder, 'initramfs');
    writeFileSync(file, initramfs);
    const args = machineArguments(parts, {
      accelerator,
      initramfs: file,
      console: isDebug ? { socket: await showConsole(join(folder, 'console')) } : 'null',
      devices: backends?.devices ?? SERIAL_STREAM,
      isShared: backends !== undefined,
    });
    const child = spawn(parts.qemu, args, { stdio: ['pipe', 'pipe', isDebug ? 'inherit' : 'pipe'] });
    const stream = await (backends?.stream(child, LIMITS[accelerator].launchMs) ?? serialStream(child));
    return {
      child,
      ...stream,
      errors: child.stderr as Socket | null,
      isolation: {
        namespaces: false,
        mounts: false,
        permissions: true,
        description: machineDescription(machine, devices),
      },
      limits: LIMITS[accelerator],
      clean,
    };
  } catch (error) {
    clean();
    throw error;
  }
}

/** Listens at `path` for QEMU's console, whose lines go to the error stream: in debug mode somebody reads them. */
async function showConsole(path: string): Promise<string> {
  const server = createServer((socket) => {
    server.close();
    socket.unref().on('error', () => {});
    socket.pipe(process.stderr, { end: false });
  }).listen(path);
  await once(server, 'listening');
  server.unref();
  return path;
}

/** QEMU's standard input and output are the port's. */
function serialStream(child: ChildProcess): Pick<Started, 'input' | 'output'> {
  return { input: child.stdout as Socket, output: child.stdin as unknown as Socket };
}
