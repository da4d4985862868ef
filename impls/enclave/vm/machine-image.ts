/**
 * The image of a virtual machine: the kernel and an initial RAM file system with Node, the libraries that it
 * loads, busybox and the enclave's own image. No network device, no disk. The same parts give the same bytes.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bootPcr } from '../nsm/pcr.ts';
import { type Image, type Measurement, manifestOf } from '../runtime/image.ts';
import { cpio, type Entry } from './cpio.ts';
import { type Devices, KERNEL_MODULES } from './devices.ts';
import { type InitOptions, initScript } from './init.ts';
import { sharedLibraries, type VmParts } from './parts.ts';

/** What is booted and measured. */
export interface MachineImage {
  readonly kernel: Uint8Array;
  readonly initramfs: Uint8Array;
  readonly measurement: Measurement;
}

/** Builds the machine of an enclave's image. @throws Error when a part cannot be read */
export function buildMachine(image: Image, parts: VmParts, devices: Devices): MachineImage {
  const node = realpathSync(process.execPath);
  const { entry, flags } = manifestOf(image);
  const options: InitOptions = { devices, flags, entry };
  const system: Entry[] = [
    { path: 'init', data: Buffer.from(initScript(options)), executable: true },
    { path: 'node', data: readFileSync(node), executable: true },
    { path: 'bin/busybox', data: readFileSync(parts.busybox), executable: true },
    { path: 'bin/sh', link: 'busybox' },
    ...['dev', 'proc', 'sys', 'tmp', 'app'].map((path): Entry => ({ path, folder: true })),
    ...sharedLibraries(node).map(
      (path): Entry => ({ path: path.slice(1), data: readFileSync(path), executable: true }),
    ),
    ...moduleFiles(parts, devices),
  ];
  const application = [...image].map(([path, data]): Entry => ({ path: `app/${path}`, data }));
  const kernel = readFileSync(parts.kernel);
  const initramfs = cpio([...system, ...application]);
  const archive = cpio(application);
  return {
    kernel,
    initramfs,
    measurement: {
      pcrs: {
        0: bootPcr(Buffer.concat([kernel, initramfs])),
        1: bootPcr(kernel),
        2: bootPcr(archive),
      },
      files: system.length + application.length,
      bytes: kernel.length + initramfs.length,
    },
  };
}

function moduleFiles({ modules }: VmParts, devices: Devices): Entry[] {
  const needed = KERNEL_MODULES[devices];
  if (needed.length === 0) return [];
  if (modules === null)
    throw new Error("the kernel's modules are not there: unpack the kernel's whole package");
  return needed.map((path) => {
    const file = `${path}.xz`;
    return { path: `modules/${basename(file)}`, data: readFileSync(join(modules, file)) };
  });
}
