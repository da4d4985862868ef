/**
 * Measures two revisions against each other, in pairs, and judges by the rule in `ab-rule.ts`. Each
 * revision plays in processes of its own code; one waits while the other plays.
 */

import type { CellComparison, Finding, Pair } from '../compare/comparison.ts';
import { median } from '../statistics/stats.ts';
import { roundsFor, takePair } from './pairs.ts';
import type { Measurement, ServedCell } from './protocol.ts';
import { type Assessment, confirm, differenceOf, isSettled, judge, type Rule } from './rule.ts';
import { CellFailure, type Side } from './side.ts';

export interface AbOptions {
  readonly base: Side;
  readonly head: Side;
  /** Whether to measure the cell of this name. */
  readonly wanted: (cell: string) => boolean;
  readonly rule: Rule;
  /** Numbers in [0, 1): the order within pairs. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly show: (what: string) => void;
}

/** A cell under measurement. */
interface CellPairs {
  readonly cell: string;
  readonly pairs: Pair[];
  /** Why there will be no more pairs. */
  failure: { readonly verdict: 'broken' | 'new'; readonly reason: string } | null;
  /** What is exact, as both sides last had it. */
  exact: { readonly base: Measurement; readonly head: Measurement } | null;
}

/** Measures and judges every wanted cell. Ends early, without the rest, when the signal is aborted. */
export async function compareRevisions(options: AbOptions): Promise<CellComparison[]> {
  const { base, head, wanted } = options;
  const [before, after] = [await base.cells(), await head.cells()];
  const ids = [...new Set([...before, ...after].map(({ cell }) => cell))].filter(wanted).sort();
  const decided: CellComparison[] = [];
  const cells: CellPairs[] = [];
  for (const cell of ids) {
    const found = comparable(cell, before, after);
    if (found) decided.push(found);
    else cells.push({ cell, pairs: [], failure: null, exact: null });
  }
  await sample(cells, options, 'pair');
  const sound = cells.filter(({ failure }) => failure === null);
  if (options.signal.aborted) return [];
  const first = judgeCells(sound, options.rule);
  const flagged = sound.filter((one) => first.get(one)!.verdict === 'regressed');
  const again = flagged.map(({ cell }): CellPairs => ({ cell, pairs: [], failure: null, exact: null }));
  await sample(again, options, 'confirmation');
  if (options.signal.aborted) return [];
  const second = judgeCells(
    again.filter(({ failure }) => failure === null),
    options.rule,
  );
  for (const one of cells) {
    const repeated = again.find(({ cell }) => cell === one.cell);
    const failure = one.failure ?? repeated?.failure ?? null;
    if (failure !== null) {
      decided.push({ cell: one.cell, ...failure, findings: [] });
    } else {
      decided.push(resultOf(one, first.get(one)!, repeated, repeated && second.get(repeated)));
    }
  }
  return decided.sort((a, b) => (a.cell < b.cell ? -1 : 1));
}

/** Null for a cell that both can play, else what is to be said of it. */
function comparable(
  cell: string,
  before: readonly ServedCell[],
  after: readonly ServedCell[],
): CellComparison | null {
  const own = (cells: readonly ServedCell[]) => cells.find((served) => served.cell === cell);
  const why = (served: ServedCell | undefined) =>
    served ? served.obstacle && `${served.obstacle.outcome}: ${served.obstacle.reason}` : 'not there';
  const [base, head] = [why(own(before)), why(own(after))];
  if (base === null && head === null) return null;
  if (base !== null && head !== null)
    return { cell, verdict: 'incomparable', reason: `${head} (on both sides)`, findings: [] };
  const alone = own(after) === undefined ? 'base' : own(before) === undefined ? 'head' : null;
  return {
    cell,
    ...(base === null
      ? { verdict: 'missing', reason: `in the head, ${head}` }
      : { verdict: 'new', reason: `in the base, ${base}` }),
    ...(alone && { onlyIn: alone }),
    findings: [],
  };
}

/** Takes pairs of all cells in turns until each cell is settled. */
async function sample(cells: readonly CellPairs[], options: AbOptions, what: string): Promise<void> {
  let open = [...cells];
  while (open.length > 0) {
    for (const one of open) {
      if (options.signal.aborted) return;
      try {
        await measurePair(one, options, `${what} ${one.pairs.length + 1} of ${one.cell}`);
      } catch (error) {
        if (options.signal.aborted) return;
        if (!(error instanceof CellFailure)) throw error;
        one.failure = await failureOf(one.cell, error, options);
      }
    }
    open = open.filter(
      (one) => one.failure === null && !isSettled(differencesOf(one), options.rule, cells.length),
    );
  }
}

/** A head that fails is broken; one that plays where the base fails is new. */
async function failureOf(
  cell: string,
  failed: CellFailure,
  { base, head }: AbOptions,
): Promise<CellPairs['failure']> {
  if (failed.side !== base) return { verdict: 'broken', reason: failed.message };
  try {
    await head.open(cell);
    await head.close();
  } catch (error) {
    if (!(error instanceof CellFailure)) throw error;
    return { verdict: 'broken', reason: error.message };
  }
  return { verdict: 'new', reason: `in the base, ${failed.message}` };
}

/** One pair with fresh processes. */
async function measurePair(one: CellPairs, options: AbOptions, what: string): Promise<void> {
  const { base, head, random, show } = options;
  show(what);
  const headStarts = random() < 0.5;
  const firstUp = await (headStarts ? head : base).open(one.cell);
  const secondUp = await (headStarts ? base : head).open(one.cell);
  const exact = { base: null as Measurement | null, head: null as Measurement | null };
  const player = (side: Side, name: 'base' | 'head') => ({
    async play() {
      const measured = await side.measure(1);
      exact[name] = measured;
      return measured;
    },
  });
  const rounds = roundsFor(Math.max(firstUp.cpuMs, secondUp.cpuMs));
  one.pairs.push(await takePair(player(base, 'base'), player(head, 'head'), rounds, random));
  one.exact = { base: exact.base!, head: exact.head! };
  await base.close();
  await head.close();
}

function differencesOf({ pairs }: CellPairs): number[] {
  return pairs.map(({ base, head }) => differenceOf({ base: base.cpuMs, head: head.cpuMs }));
}

function judgeCells(cells: readonly CellPairs[], rule: Rule): Map<CellPairs, Assessment> {
  const found = judge(cells.map(differencesOf), rule);
  return new Map(cells.map((one, i) => [one, found[i]!]));
}

function resultOf(
  one: CellPairs,
  first: Assessment,
  repeated: CellPairs | undefined,
  second: Assessment | undefined,
): CellComparison {
  const final = second ? confirm(first, second) : first;
  const shown = repeated ?? one;
  const pairs = shown.pairs.slice(0, final.pairs);
  const reasons: string[] = [];
  if (second) {
    const percent = `${((first.ratio.estimate - 1) * 100).toFixed(1)} %`;
    if (final.verdict === 'regressed') reasons.push(`confirmed; +${percent} at first`);
    else reasons.push(`+${percent} at first, not confirmed`);
  } else if (final.verdict === 'inconclusive') reasons.push('the interval crosses a bound after all pairs');
  reasons.push(...exactChanges(one));
  const finding: Finding = {
    metric: 'cpu',
    unit: 'ms',
    exact: false,
    base: median(pairs.map(({ base }) => base.cpuMs)),
    head: median(pairs.map(({ head }) => head.cpuMs)),
    n: { base: pairs.length, head: pairs.length },
    ratio: final.ratio,
    verdict: final.verdict,
    reason: reasons.join('; '),
  };
  return {
    cell: one.cell,
    verdict: final.verdict,
    reason: finding.reason,
    findings: [finding],
    pairs: [...one.pairs, ...(repeated?.pairs ?? [])],
  };
}

/** Exact figures are gated by `bench baseline`, which can be told that a change is meant; here they are said. */
function exactChanges({ exact }: CellPairs): string[] {
  if (!exact) return [];
  return (['bytes', 'messages', 'flights'] as const)
    .filter((name) => exact.base[name] !== exact.head[name])
    .map((name) => `${name} ${exact.base[name]} → ${exact.head[name]} (see bench baseline)`);
}
