/**
 * Which accelerator works here. One is believed only when a small machine came up under it in time: on some
 * hosts `/dev/kvm` opens and a machine can be made, and the guest's kernel still does not run.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchFolder } from '../runtime/launch-folder.ts';
import { cpio } from './cpio.ts';
import { findParts, type VmParts } from './parts.ts';
import { type Accelerator, machineArguments } from './qemu.ts';

/** What was found out. */
export type Probe =
  | {
      readonly works: true;
      readonly accelerator: Accelerator;
      readonly parts: VmParts;
      /** From the start of QEMU until the machine spoke, in ms. */
      readonly bootMs: number;
      /** Why it is not KVM; null when it is. */
      readonly notKvm: string | null;
    }
  | { readonly works: false; readonly reason: string };

/** A machine that does not come up hangs, or QEMU does. */
const LIMIT_MS: Readonly<Record<Accelerator, number>> = { kvm: 10_000, tcg: 60_000 };
const SIGN = 'psi-bench: the machine is up';
const INIT = `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
echo '${SIGN}' >/dev/ttyS0
/bin/busybox poweroff -f
`;

let known: Promise<Probe> | undefined;
let found: Probe | undefined;

/** Finds out by booting, once per process. */
export function probe(): Promise<Probe> {
  known ??= tryAll().then((result) => {
    found = result;
    return result;
  });
  return known;
}

/** What {@link probe} has found in this process; undefined before it was asked. */
export function probed(): Probe | undefined {
  return found;
}

async function tryAll(): Promise<Probe> {
  const parts = findParts();
  if (typeof parts === 'string') return { works: false, reason: parts };
  const kvm = await tryKvm(parts);
  if (kvm.bootMs !== null) {
    return { works: true, accelerator: 'kvm', parts, bootMs: kvm.bootMs, notKvm: null };
  }
  const tcg = await boot(parts, 'tcg');
  if (typeof tcg === 'string') {
    return { works: false, reason: `no machine came up: ${kvm.reason}; in software, ${tcg}` };
  }
  return { works: true, accelerator: 'tcg', parts, bootMs: tcg, notKvm: kvm.reason };
}

async function tryKvm(
  parts: VmParts,
): Promise<{ bootMs: number; reason: '' } | { bootMs: null; reason: string }> {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no /dev/kvm' : `/dev/kvm cannot be opened (${code})`;
    return { bootMs: null, reason };
  }
  const result = await boot(parts, 'kvm');
  return typeof result === 'number'
    ? { bootMs: result, reason: '' }
    : { bootMs: null, reason: `KVM opens but cannot run this kernel (${result})` };
}

/** Boots the smallest machine there is. @returns ms until it spoke, or how it failed */
async function boot(parts: VmParts, accelerator: Accelerator): Promise<number | string> {
  const folder = launchFolder();
  const initramfs = join(folder, 'initramfs');
  writeFileSync(
    initramfs,
    cpio([
      { path: 'init', data: Buffer.from(INIT), executable: true },
      { path: 'bin/busybox', data: readFileSync(parts.busybox), executable: true },
      { path: 'dev', folder: true },
    ]),
  );
  const start = performance.now();
  const args = machineArguments(parts, { accelerator, initramfs, console: 'stdio', devices: [] });
  const child = spawn(parts.qemu, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const { promise, resolve } = Promise.withResolvers<number | string>();
  let printed = '';
  let complaint = '';
  child.stdout.on('data', (bytes: Buffer) => {
    printed += bytes.toString('latin1');
    if (printed.includes(SIGN)) resolve(performance.now() - start);
  });
  child.stderr.on('data', (bytes: Buffer) => {
    complaint += bytes.toString('latin1');
    // QEMU says this and then waits for ever.
    if (complaint.includes('KVM internal error')) resolve('KVM internal error');
  });
  child.on('error', ({ message }) => resolve(message));
  child.on('close', (code) => resolve(/\S.*/.exec(complaint)?.[0] ?? `QEMU ended with exit code ${code}`));
  const timer = setTimeout(
    () => resolve(`not up after ${LIMIT_MS[accelerator] / 1000} s`),
    LIMIT_MS[accelerator],
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
