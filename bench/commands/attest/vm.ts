/** `bench attest vm`: can an enclave run in a virtual machine here? */
import { type Probe, probe } from '../../../impls/enclave/vm/accelerator.ts';
import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../flags/command.ts';

export const vmCommand = defineCommand({
  name: 'attest vm',
  describe: 'boot a tiny virtual machine under a time limit and say what runs it, or what is missing',
  examples: [['$0 attest vm', 'KVM, software emulation, or the reason why neither']],
  epilogue: 'Exit code 0 when a machine came up, 3 when none did. What to install: docs/nitro.md',
  run: async ({ json }) => {
    const found = await probe();
    process.stdout.write(json ? `${JSON.stringify(found)}\n` : describe(found));
    return found.works ? ExitCode.fine : ExitCode.broken;
  },
});

function describe(found: Probe): string {
  if (!found.works) return `no virtual machine runs here: ${found.reason}\n`;
  const { accelerator, parts, bootMs, notKvm } = found;
  const means = accelerator === 'kvm' ? 'KVM' : 'TCG (software emulation: results count, times mean nothing)';
  return [
    `accelerator  ${means}`,
    ...(notKvm === null ? [] : [`not KVM      ${notKvm}`]),
    `up after     ${(bootMs / 1000).toFixed(1)} s`,
    `QEMU         ${parts.qemuVersion} (${parts.qemu})`,
    `kernel       ${parts.kernelVersion} (${parts.kernel})`,
    `modules      ${parts.modules ?? 'not found: vsock and the NSM driver cannot be used'}`,
    '',
  ].join('\n');
}
