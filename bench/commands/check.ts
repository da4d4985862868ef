/** `bench check`: the conformance suite, for any implementation. */
import { checkImplementation } from '../conformance/index.ts';
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { findImplementations } from '../implementations/find.ts';
import { resolveOptions } from '../implementations/options.ts';
import { splitList } from '../words.ts';

export const checkCommand = defineCommand({
  name: 'check',
  describe: 'hold implementations to the contract: the conformance suite',
  positionals: { impl: { many: true, default: ['all'], help: 'ids or paths; all without' } },
  examples: [
    ['$0 check', 'all implementations'],
    ['$0 check ./my-psi.ts', 'your own'],
  ],
  run: async ({ impl }) => {
    const located = await findImplementations(impl.flatMap(splitList));
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
      return ExitCode.broken;
    }
    return ExitCode.fine;
  },
});
