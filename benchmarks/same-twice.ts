/**
 * `npm run benchmark same-twice [impl,…|all] [executions] [flags of bench run]`: every protocol under two names,
 * measured like a run does, by default over all cells of the default run. Whatever difference is found is false: the number and
 * the share of such verdicts are printed beside what is promised, each for itself and as a report decides.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findImplementations, type Located } from '../bench/implementations/find.ts';
import { type OkSample, readRecord, type Sample } from '../bench/record/samples.ts';
import { upperBound } from '../bench/regression/simulation.ts';
import { CONFIDENCE, type Contender, decide, gather } from '../bench/report/claims/decide.ts';
import { FEWEST_EXECUTIONS, ratioOfExecutions } from '../bench/statistics/executions.ts';

const CLI = fileURLToPath(new URL('../bench/cli.ts', import.meta.url));
const NAMES = ['first', 'second'] as const;

/** A module in which each implementation stands twice, as `<id>-first` and `<id>-second`. */
function twice(located: readonly Located[]): string {
  const modules = [...new Set(located.map(({ module }) => module))];
  const ids = located.map(({ implementation }) => implementation.id);
  return `${modules.map((module, i) => `import m${i} from ${JSON.stringify(module)};`).join('\n')}
const all = [${modules.map((_, i) => `m${i}`).join(', ')}].flat();
const wanted = ${JSON.stringify(ids)};
export default all
  .filter(({ id }) => wanted.includes(id))
  .flatMap((one) => ${JSON.stringify(NAMES)}.map((name) => ({ ...one, id: \`\${one.id}-\${name}\` })));
`;
}

/** Measures, and reads the record. @throws Error when the run cannot be made at all */
async function measured(
  located: readonly Located[],
  words: readonly string[],
): Promise<{ readonly samples: readonly Sample[]; readonly minutes: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'same-twice-'));
  try {
    const module = join(dir, 'twice.ts');
    writeFileSync(module, twice(located));
    const from = performance.now();
    spawnSync(process.execPath, [CLI, 'run', '--impl', module, '--json', ...words], {
      cwd: dir,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const minutes = (performance.now() - from) / 60_000;
    const [run] = readdirSync(join(dir, 'results'));
    if (run === undefined) throw new Error('nothing was measured');
    return { samples: (await readRecord(join(dir, 'results', run))).samples, minutes };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One name's measured runs of a setting, as a report sees them. */
function contender(label: string, runs: readonly OkSample[]): Contender {
  const executions = [...Map.groupBy(runs, ({ execution }) => execution).values()];
  return {
    label,
    impl: label,
    kind: 'cryptography',
    simulated: false,
    executions: executions.map((own) => own.map(({ wallMs }) => wallMs)),
    failures: [],
  };
}

/** Both names of one protocol in one setting, or null where one of them has not enough for a verdict. */
function pairOf(id: string, setting: string, samples: readonly OkSample[]) {
  const [first, second] = NAMES.map((name) =>
    contender(
      `${id}-${name}`,
      samples.filter(({ impl }) => impl === `${id}-${name}`),
    ),
  );
  const least = Math.min(first?.executions.length ?? 0, second?.executions.length ?? 0);
  return first && second && least >= FEWEST_EXECUTIONS ? { title: `${id} ${setting}`, first, second } : null;
}

type Pair = NonNullable<ReturnType<typeof pairOf>>;

/** How many pairs are told apart when `decisions` are made together; whoever is, is told apart falsely. */
function falseVerdicts(pairs: readonly Pair[], decisions: number): Pair[] {
  return pairs.filter(({ first, second }) => {
    return decide(gather(first, [second], decisions)).verdict !== 'undecided';
  });
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

const [impl = 'all', executions = String(FEWEST_EXECUTIONS), ...flags] = process.argv.slice(2);
const located = await findImplementations(impl.split(','));
const { samples, minutes } = await measured(located, ['--executions', executions, ...flags]);
const counted = samples.filter((sample) => sample.outcome === 'ok').filter(({ warmup }) => !warmup);
const settings = Map.groupBy(counted, ({ receiverSize, senderSize, network, mode }) => {
  return `${receiverSize} × ${senderSize} ${network} ${mode}`;
});
const pairs = located.flatMap(({ implementation: { id } }) =>
  [...settings].flatMap(([setting, own]) => pairOf(id, setting, own) ?? []),
);
for (const { title, first, second } of pairs) {
  const { ratio, low, high } = ratioOfExecutions(first.executions, second.executions, CONFIDENCE);
  console.log(`${title}: ${ratio.toFixed(3)} [${low.toFixed(3)} … ${high.toFixed(3)}]`);
}
const cells = new Set(
  counted.map(({ impl, receiverSize, senderSize, network, mode }) => {
    return [impl.replace(/-[^-]*$/, ''), receiverSize, senderSize, network, mode].join(' ');
  }),
).size;
if (pairs.length === 0) throw new Error(`no cell has ${FEWEST_EXECUTIONS} executions: raise --budget`);
if (cells > pairs.length)
  console.log(`not decided: ${cells - pairs.length} cells with fewer than ${FEWEST_EXECUTIONS} executions`);
const failed = samples.filter(({ outcome }) => outcome !== 'ok');
for (const { cell, outcome, reason } of failed) console.log(`not decided: ${cell}: ${outcome}: ${reason}`);

const alone = falseVerdicts(pairs, 1).length;
const together = falseVerdicts(pairs, pairs.length);
console.log(`
${impl}, ${executions} executions, ${minutes.toFixed(1)} minutes: ${pairs.length} decisions where there is no difference
each for itself: ${alone} false verdicts, ${percent(alone / pairs.length)} (at most ${percent(upperBound(alone, pairs.length))} with 95 % confidence if they were independent); promised: ${percent(1 - CONFIDENCE)}
as a report decides, all together: ${together.length} false verdicts; promised: any at all in ${percent(1 - CONFIDENCE)} of reports`);
for (const { title } of together) console.log(`  ${title}`);
