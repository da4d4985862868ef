/** `bench check`: the conformance suite, for any implementation. */
import type { CommandModule } from 'yargs';
import { checkImplementation } from '../conformance/index.ts';
import { ExitCode } from '../errors.ts';
import { findImplementations } from '../implementations/find.ts';
import { resolveOptions } from '../implementations/options.ts';

interface Arguments {
  readonly impl: readonly string[];
}

export const checkCommand: CommandModule<object, Arguments> = {
  command: 'check [impl..]',
  describe: 'hold implementations to the contract: the conformance suite',
  builder: (argv) =>
    argv
      .positional('impl', { type: 'string', array: true, default: [], describe: 'ids or paths; all without' })
      .example('$0 check', 'all implementations')
      .example('$0 check ./my-psi.ts', 'your own')
      .epilogue('Exit codes: 0 all checks passed, 2 usage, 3 a check failed.') as never,
  handler: async ({ impl }) => {
    const located = await findImplementations(impl.length > 0 ? impl : ['all']);
    let failures = 0;
    for (const { implementation } of located) {
      const available = await implementation.available(resolveOptions(implementation, {}));
      if (available !== true) {
        process.stdout.write(`${implementation.id}: not checked, unavailable: ${available}\n`);
        continue;
      }
      process.stdout.write(`${implementation.id}\n`);
      const results = await checkImplementation(implementation, {
        onCheck: (result) => {
          const mark = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' }[result.outcome];
          process.stdout.write(`  ${mark} ${result.name}${result.reason && `: ${result.reason}`}\n`);
        },
      });
      failures += results.filter(({ outcome }) => outcome === 'failed').length;
    }
    if (failures > 0) {
      process.stderr.write(`bench: ${failures} check(s) failed\n`);
      process.exitCode = ExitCode.broken;
    }
  },
};
