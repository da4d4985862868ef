/**
 * `npm run benchmark same-twice [impl] [executions]`: one protocol under two names, measured like a run does, at the
 * default sizes in both modes. Whatever difference is found is false: the share of such verdicts is printed beside
 * what is promised, at 95 % each and for all of them together.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRecord } from '../bench/record/samples.ts';
import { ratioOfExecutions } from '../bench/statistics/executions.ts';

const CLI = fileURLToPath(new URL('../bench/cli.ts', import.meta.url));
const [impl = 'hash', executions = '3'] = process.argv.slice(2);
const source = fileURLToPath(new URL(`../impls/${impl}/index.ts`, import.meta.url));

const dir = mkdtempSync(join(tmpdir(), 'same-twice-'));
try {
  const module = join(dir, 'twice.ts');
  writeFileSync(
    module,
    `import own from ${JSON.stringify(source)};
const [one] = [own].flat();
export default ['first', 'second'].map((id) => ({ ...one, id }));
`,
  );
  const words = ['run', '--impl', module, '--executions', executions, '--json'];
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...words], { cwd: dir, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const [run = ''] = readdirSync(join(dir, 'results'));
  const { samples } = await readRecord(join(dir, 'results', run));
  const counted = samples.flatMap((sample) => (sample.outcome === 'ok' && !sample.warmup ? [sample] : []));
  const settings = Map.groupBy(
    counted,
    ({ receiverSize, network, mode }) => `${receiverSize} ${network} ${mode}`,
  );
  const rows = [...settings].map(([setting, own]) => {
    const [a, b] = ['first', 'second'].map((id) => {
      const mine = own.filter((sample) => sample.impl === id);
      return [...Map.groupBy(mine, ({ execution }) => execution).values()].map((runs) =>
        runs.map(({ wallMs }) => wallMs),
      );
    });
    if (a === undefined || b === undefined) throw new Error(setting);
    const differs = (confidence: number) => {
      const { low, high } = ratioOfExecutions(a, b, confidence);
      return low > 1 || high < 1;
    };
    const { ratio, low, high } = ratioOfExecutions(a, b);
    console.log(`${setting}: ${ratio.toFixed(3)} [${low.toFixed(3)} … ${high.toFixed(3)}]`);
    return { alone: differs(0.95), together: differs(1 - 0.05 / settings.size) };
  });
  const share = (key: 'alone' | 'together') => rows.filter((row) => row[key]).length;
  console.log(
    `${impl}, ${executions} executions, ${rows.length} decisions where there is no difference: ` +
      `${share('alone')} found at 95 % each (${(0.05 * rows.length).toFixed(1)} to be expected), ` +
      `${share('together')} as a report decides (any at all in 5 % of reports)`,
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
