/** `bench attest vm`: can an enclave run in a virtual machine here? */
import type { CommandModule } from 'yargs';
import { type Probe, probe } from '../../impls/enclave/vm/accelerator.ts';
import { ExitCode } from '../errors.ts';

export const vmCommand: CommandModule = {
  command: 'vm',
  describe: 'Boot a tiny virtual machine and say what runs it, or what is missing',
  builder: (yargs) =>
    yargs
      .option('probe', { type: 'boolean', default: true, describe: 'Boot it, under a time limit' })
      .option('json', { type: 'boolean', default: false, describe: 'One line of JSON' })
      .example('$0 attest vm --probe', 'KVM, software emulation, or the reason why neither')
      .epilogue('Exit code 0 when a machine came up, 3 when none did. What to install: docs/nitro.md'),
  handler: async (args) => {
    const found = await probe();
    process.stdout.write(args.json === true ? `${JSON.stringify(found)}\n` : describe(found));
    process.exitCode = found.works ? ExitCode.fine : ExitCode.broken;
  },
};

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
