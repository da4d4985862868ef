/** What a virtual machine is made of on this computer, and in one sentence what is missing. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Absolute paths, and the versions that a record names. */
export interface VmParts {
  readonly qemu: string;
  /** e.g. '10.0.2'. */
  readonly qemuVersion: string;
  readonly kernel: string;
  /** e.g. '6.12.48-cloud-amd64'. */
  readonly kernelVersion: string;
  /** The kernel's modules; null where they are not installed (they are needed for vsock and the NSM driver). */
  readonly modules: string | null;
  /** A statically linked busybox. */
  readonly busybox: string;
}

/** Where parts lie when not where the distribution puts them; see `docs/nitro.md`. */
const QEMU = 'PSI_BENCH_QEMU';
const KERNEL = 'PSI_BENCH_VM_KERNEL';
const MODULES = 'PSI_BENCH_VM_MODULES';

/** The parts of this computer, or one sentence saying what is missing and how to install it. */
export function findParts(environment: NodeJS.ProcessEnv = process.env): VmParts | string {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `a virtual machine needs Linux on x64, this is ${process.platform} on ${process.arch}`;
  }
  const qemu = environment[QEMU] ?? inPath('qemu-system-x86_64', environment);
  if (qemu === undefined || !existsSync(qemu)) {
    return `no qemu-system-x86_64: install the distribution's QEMU for x86, or name its path in ${QEMU}`;
  }
  const kernel = environment[KERNEL] ?? newestKernel('/boot');
  if (kernel === undefined || !existsSync(kernel)) {
    return `no kernel: put a vmlinuz-… of Linux 6.8 or later (a cloud kernel) into /boot, or name its path in ${KERNEL}`;
  }
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync);
  if (busybox === undefined) return 'no busybox: install the package busybox-static';
  if (!isStatic(busybox)) return `${busybox} is not statically linked: install the package busybox-static`;
  const kernelVersion = basename(kernel).replace(/^vmlinuz-/, '');
  const modules = [
    environment[MODULES],
    ...['lib', 'usr/lib'].map((lib) => join(dirname(kernel), '..', lib, 'modules', kernelVersion)),
  ].find((folder) => folder !== undefined && existsSync(folder));
  return {
    qemu,
    qemuVersion: versionOf(qemu),
    kernel,
    kernelVersion,
    modules: modules ?? null,
    busybox: realpathSync(busybox),
  };
}

function inPath(name: string, { PATH = '' }: NodeJS.ProcessEnv): string | undefined {
  return PATH.split(':')
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** The newest by version number, which is not the order of the alphabet. */
function newestKernel(folder: string): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('vmlinuz-')) : [];
  const newest = names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return newest && join(folder, newest);
}

function versionOf(qemu: string): string {
  const text = execFileSync(qemu, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return /version (\d+(?:\.\d+)*)/.exec(text)?.[1] ?? 'unknown';
}

/** Whether a program needs no loader: what asks for one names its libraries to `ldd`. */
function isStatic(program: string): boolean {
  return sharedLibraries(program).length === 0;
}

/** Paths of the shared libraries that `program` loads, its loader included; none when it is static. */
export function sharedLibraries(program: string): string[] {
  let text: string;
  try {
    text = execFileSync('ldd', [program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    });
  } catch {
    return [];
  }
  const paths = text.matchAll(/(?:=> )?(\/[^\s]+) \(0x/g);
  return [...new Set([...paths].map(([, path = '']) => path))];
}
