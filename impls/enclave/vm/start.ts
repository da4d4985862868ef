/** Starts an enclave's image in a virtual machine of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '../runtime/image.ts';
import type { Started } from '../runtime/launcher.ts';
import { type Probe, probe } from './accelerator.ts';
import { buildMachine } from './machine-image.ts';
import { machineArguments, SERIAL_STREAM } from './qemu.ts';

/** In software everything takes many times as long. */
const LIMITS = {
  kvm: { launchMs: 60_000, answerMs: 10_000 },
  tcg: { launchMs: 300_000, answerMs: 120_000 },
} as const;

/** For records: what runs the machine, and how. */
export function machineDescription({ parts, accelerator }: Extract<Probe, { works: true }>): string {
  return `virtual machine (QEMU ${parts.qemuVersion}, ${accelerator.toUpperCase()}, Linux ${parts.kernelVersion}, virtio-serial)`;
}

/**
 * A `Starter` for the launcher: the stream is a virtio serial port.
 * @throws Error when no machine can run here, in one sentence
 */
export async function startMachine(image: Image, isDebug: boolean): Promise<Started> {
  const machine = await probe();
  if (!machine.works) throw new Error(machine.reason);
  const { parts, accelerator } = machine;
  const { initramfs, measurement } = buildMachine(image, parts, 'serial');
  const folder = mkdtempSync(join(tmpdir(), 'psi-vm-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'initramfs');
    writeFileSync(file, initramfs);
    const args = machineArguments(parts, {
      accelerator,
      initramfs: file,
      console: isDebug ? { file: '/dev/stderr' } : 'null',
      devices: SERIAL_STREAM,
    });
    const child = spawn(parts.qemu, args, { stdio: ['pipe', 'pipe', isDebug ? 'inherit' : 'pipe'] });
    return {
      measurement,
      child,
      output: child.stdin as unknown as Socket,
      input: child.stdout as unknown as Socket,
      errors: child.stderr as Socket | null,
      isolation: {
        namespaces: false,
        permissions: true,
        description: machineDescription(machine),
      },
      limits: LIMITS[accelerator],
      clean,
    };
  } catch (error) {
    clean();
    throw error;
  }
}
