/**
 * The right answer when nobody knows it beforehand, as with files on two hosts: every implementation of the
 * plan is played once, outside of everything that is measured, and all must find the same. One that gets
 * both sets in clear and compares them byte by byte decides, when both sides asked for it.
 */
import { UsageError } from '../errors.ts';
import type { Peer } from '../peer/peer.ts';
import { type Cell, obstacleOf, type Plan } from '../plan/plan.ts';
import { START_TIMEOUT_MS, startParties } from './one-run.ts';
import { digestOfResult } from './verify.ts';

export interface Agreement {
  /** Indices of the receiver's items that are shared, strictly ascending. */
  readonly expected: Uint32Array;
  /** How that is known, in words for the record. */
  readonly checked: string;
}

/** A result, and who found it. */
interface Found {
  readonly result: Uint32Array;
  readonly ids: string[];
  /** Whether one of those compares the items themselves. */
  exact: boolean;
}

/**
 * @param plan all cells of it ask for the intersection of the same sets
 * @throws UsageError when nobody found a result, or they differ
 */
export async function agree(plan: Plan, peer: Peer, signal: AbortSignal): Promise<Agreement> {
  const found = new Map<string, Found>();
  const failures: string[] = [];
  for (const cell of plan.blocks.flatMap(({ cells }) => cells)) {
    if (signal.aborted) break;
    const { id } = cell.located.implementation;
    const result = await resultOf(cell, plan.request.timeoutMs, peer, signal);
    if (typeof result === 'string') {
      failures.push(`${id}: ${result}`);
      continue;
    }
    const digest = digestOfResult(result);
    const same = found.get(digest) ?? { result, ids: [], exact: false };
    found.set(digest, same);
    same.ids.push(id);
    same.exact ||= cell.located.implementation.kind === 'third-party';
  }
  return verdict([...found.values()], failures);
}

/** @throws UsageError when there is no answer, or more than one */
export function verdict(found: readonly Found[], failures: readonly string[]): Agreement {
  const [first, ...others] = found;
  if (!first) throw new UsageError(`no implementation came to a result: ${failures.join('; ')}`);
  const exact = found.filter((one) => one.exact);
  const [reference] = exact;
  if (reference && exact.length === 1) {
    return { expected: reference.result, checked: 'against a comparison of the items themselves' };
  }
  if (others.length > 0) {
    const said = found.map(({ ids, result }) => `${ids.join(', ')} found ${result.length} shared items`);
    throw new UsageError(`the implementations differ, so that nothing is measured: ${said.join('; ')}`);
  }
  const checked =
    first.ids.length === 1
      ? `not: nothing but ${first.ids.join()} was run`
      : `against each other: ${first.ids.join(', ')} agree`;
  return { expected: first.result, checked };
}

/** The result of one run, or why there is none. */
async function resultOf(
  cell: Cell,
  timeoutMs: number,
  peer: Peer,
  signal: AbortSignal,
): Promise<Uint32Array | string> {
  const obstacle = await obstacleOf(cell);
  if (obstacle) return obstacle.reason;
  const parties = await startParties(cell, START_TIMEOUT_MS, signal, peer);
  if ('outcome' in parties) return parties.reason;
  try {
    const played = await parties.play(0, timeoutMs);
    if (played.outcome !== 'played') return played.reason;
    return played.result instanceof Uint32Array ? played.result : 'it found no intersection';
  } finally {
    await parties.dismiss();
  }
}
