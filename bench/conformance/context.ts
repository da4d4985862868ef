/** What a check is, what it gets, and how it says that something is wrong. */
import type { Implementation, OptionValues, Role } from '../contract.ts';
import { messageOf } from '../errors.ts';
import { type Play, type PlayInput, play } from './play.ts';
import type { Case } from './sets.ts';

/** The implementation does not do what the contract or its own declaration asks; one sentence says what. */
export class ConformanceError extends Error {
  override name = 'ConformanceError';
}

/** What the checks of one run of the suite share. */
export interface Context {
  /** Complete values of the implementation's options. */
  readonly options: OptionValues;
  /** Whether `options` are the defaults. */
  readonly isDefault: boolean;
  readonly threads: number;
  /** Less than 1 for implementations that are slow: smaller sets, fewer tampered messages. */
  readonly scale: number;
  /** How long a party may take to settle, in ms. */
  readonly limitMs: number;
}

/** One requirement. `run` rejects with one sentence that says what is wrong, or resolves. */
export interface Check {
  readonly name: string;
  /** It looks at the object only, so that it can be done where the implementation cannot run. */
  readonly isStatic?: boolean;
  /** Why this check means nothing for this implementation under these options, or `undefined`. */
  readonly skip?: (implementation: Implementation, context: Context) => string | undefined;
  run(implementation: Implementation, context: Context): Promise<void>;
}

/** The reason to skip a check on where messages begin and end: those of a carried program are pieces of a stream. */
export function skipStreams({ program }: Implementation): string | undefined {
  return program && 'its messages are pieces of what programs send, cut where it happens to arrive in pieces';
}

/** The reason to skip a check that finds every message which waited: what ends a carried connection opens no flight. */
export function skipEnds({ program }: Implementation): string | undefined {
  return (
    program && 'ends of carried connections, which wait for what came before, are no flights by definition'
  );
}

/** The reason to skip a check on what becomes of wrong bytes: a carried program gets to see them as they are. */
export function skipForeignChecks({ program }: Implementation): string | undefined {
  return (
    program &&
    'what the program makes of wrong bytes is its own: only the messages that carry them could be tried'
  );
}

/** Throws a {@link ConformanceError} unless `condition` holds. */
export function require(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ConformanceError(message);
}

/** `count` scaled down for slow implementations, but at least `least`. */
export function scaled(context: Context, count: number, least = 1): number {
  return Math.max(least, Math.round(count * context.scale));
}

/** Plays a run under the context's options, threads and time limit. */
export function playIn(implementation: Implementation, context: Context, input: PlayInput): Promise<Play> {
  const { options, threads, limitMs } = context;
  return play(implementation, { options, threads, limitMs, ...input });
}

/** As {@link playIn}, and every party must end well and the receiver find what is expected. */
export async function playRight(
  implementation: Implementation,
  context: Context,
  sets: Case,
  input: Partial<PlayInput> = {},
  what = 'a run',
): Promise<Play> {
  const { receiver, sender, expected } = sets;
  const run = await playIn(implementation, context, { receiver, sender, ...input });
  const where = `${what} (${receiver.count} receiver items, ${sender.count} sender items)`;
  requireSuccess(run, where);
  requireValidResult(resultOf(run), receiver.count, where);
  requireSameIndices(resultOf(run) as Uint32Array, expected, where);
  return run;
}

/** Every party has ended well, and cleaned up behind itself. */
export function requireSuccess(run: Play, where: string): void {
  for (const [role, ending] of run.endings) {
    if (ending.state === 'failed') {
      const { error } = ending;
      throw new ConformanceError(`${where}: the ${role} failed in ${ending.phase}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  requireSettled(run, where);
  requireClean(run, where);
}

/** `close()` worked, and no rejected promise was left unhandled. */
export function requireClean(run: Play, where: string): void {
  requireNo(run, ['close', 'unhandled'], where);
}

/** There is no violation of these kinds. */
export function requireNo(
  run: Play,
  kinds: readonly Play['violations'][number]['kind'][],
  where: string,
): void {
  const found = run.violations.filter(({ kind }) => kinds.includes(kind));
  require(found.length === 0, `${where}: ${found.map(({ what }) => what).join('; ')}`);
}

/** No party hangs. */
export function requireSettled(run: Play, where: string): void {
  for (const [role, ending] of run.endings) {
    require(ending.state !== 'hanging', `${where}: the ${role} hangs in ${phaseOf(ending)}`);
  }
}

function phaseOf(ending: object): string {
  return 'phase' in ending ? String(ending.phase) : 'online';
}

/** What the receiver returned, or `undefined`. */
export function resultOf(run: Play, role: Role = 'receiver'): unknown {
  const ending = run.endings.get(role);
  return ending?.state === 'done' ? ending.value : undefined;
}

/** The result is a Uint32Array of indices below `count`, strictly ascending. */
export function requireValidResult(result: unknown, count: number, where: string): void {
  require(result instanceof
    Uint32Array, `${where}: the receiver's result is ${describe(result)}, not a Uint32Array`);
  for (let i = 0; i < result.length; i++) {
    const index = result[i]!;
    require(index < count, `${where}: the result has the index ${index}, and there are ${count} items`);
    if (i === 0) continue;
    const previous = result[i - 1]!;
    require(previous !== index, `${where}: the result has the index ${index} twice`);
    require(previous < index, `${where}: the result is not ascending: ${previous} comes before ${index}`);
  }
}

function requireSameIndices(result: Uint32Array, expected: Uint32Array, where: string): void {
  const found = new Set(result);
  const wanted = new Set(expected);
  const missed = expected.filter((index) => !found.has(index));
  const extra = result.filter((index) => !wanted.has(index));
  require(missed.length + extra.length ===
    0, `${where}: ${expected.length} items are shared, ${result.length} were found` +
    `${missed.length > 0 ? `; missed: ${list(missed)}` : ''}${extra.length > 0 ? `; not shared: ${list(extra)}` : ''}`);
}

function list(indices: Uint32Array): string {
  const shown = [...indices.subarray(0, 8)].join(', ');
  return indices.length > 8 ? `${shown}, …` : shown;
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (value === null) return 'null';
  return typeof value === 'object' ? `of type ${value.constructor?.name ?? 'object'}` : `a ${typeof value}`;
}
