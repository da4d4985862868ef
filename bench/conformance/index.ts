/**
 * The checks that every implementation gets for free. In an implementation's own test:
 *
 * ```ts
 * import { testImplementation } from '../../../bench/conformance.ts';
 * import implementation from '../index.ts';
 * testImplementation(implementation);
 * ```
 *
 * What each check proves and what it cannot: `bench/conformance/README.md`.
 */
import { describe, test } from 'node:test';
import type { Implementation } from '../contract.ts';
import { messageOf } from '../errors.ts';
import { resolveOptions } from '../implementations/options.ts';
import { didYouMean } from '../words.ts';
import { declarationChecks } from './checks/declarations.ts';
import { faultChecks } from './checks/faults.ts';
import { imageChecks } from './checks/images.ts';
import { outputChecks } from './checks/outputs.ts';
import { resultChecks } from './checks/results.ts';
import { transcriptChecks } from './checks/transcripts.ts';
import { cleanupChecks } from './cleanup.ts';
import { type Check, ConformanceError, type Context } from './context.ts';

export { type MemoryRun, type Play, type PlayInput, play, runInMemory } from './play.ts';

type Given = Readonly<Record<string, string | number | boolean>>;

/** All checks, in the order in which they run: the simple ones first. */
export const conformanceChecks: readonly Check[] = [
  ...declarationChecks,
  ...resultChecks,
  ...outputChecks,
  ...transcriptChecks,
  ...imageChecks,
  ...faultChecks,
  ...cleanupChecks,
];

export interface CheckOptions {
  /** Option values; those left out have their defaults. */
  readonly options?: Given;
  /** Threads per party. Default 1. */
  readonly threads?: number;
  /** Below 1 for slow implementations: smaller sets and fewer tampered messages. Default 1. */
  readonly scale?: number;
  /** How long a party may take in one run, in ms, before it counts as hanging. Default 30,000. */
  readonly limitMs?: number;
  readonly skip?: Skip;
}

/** Checks that an implementation cannot pass, and why. To name a check that there is not is an error. */
export type Skip = readonly { readonly reason: string; readonly checks: readonly string[] }[];

export interface CheckResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What is wrong, or why it was skipped; '' if it passed. */
  readonly reason: string;
  readonly ms: number;
}

/**
 * Runs the suite, or the checks named in `only`, against one implementation. Never rejects: what goes
 * wrong is in the results. An implementation that is not available has its runs skipped with the reason.
 *
 * @throws {ConformanceError} if `only` or `skip` names a check that there is not; OptionError for a wrong option
 */
export async function checkImplementation(
  implementation: Implementation,
  {
    only = conformanceChecks.map(({ name }) => name),
    onCheck,
    ...options
  }: CheckOptions & {
    readonly only?: readonly string[];
    readonly onCheck?: (result: CheckResult) => void;
  } = {},
): Promise<CheckResult[]> {
  requireChecks(only);
  requireChecks(options.skip?.flatMap(({ checks }) => checks) ?? []);
  const context = contextOf(implementation, options);
  const missing = await whatIsMissing(implementation, context);
  const results: CheckResult[] = [];
  for (const check of conformanceChecks) {
    if (!only.includes(check.name)) continue;
    const start = performance.now();
    let outcome: CheckResult['outcome'] = 'passed';
    let reason =
      whyNot(check, implementation, context, options.skip) ?? (check.isStatic ? undefined : missing);
    if (reason !== undefined) outcome = 'skipped';
    else {
      try {
        await check.run(implementation, context);
      } catch (error) {
        outcome = 'failed';
        reason = messageOf(error);
      }
    }
    const result = { name: check.name, outcome, reason: reason ?? '', ms: performance.now() - start };
    results.push(result);
    onCheck?.(result);
  }
  return results;
}

export interface TestOptions extends CheckOptions {
  /** Run the suite once for each of these sets of options, instead of once for `options`. */
  readonly optionSets?: readonly Given[];
}

/** Registers the suite with `node:test`. */
export function testImplementation(implementation: Implementation, options: TestOptions = {}): void {
  const { optionSets = [options.options ?? {}], ...rest } = options;
  requireChecks(options.skip?.flatMap(({ checks }) => checks) ?? []);
  for (const given of optionSets) {
    const shown = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    describe(`conformance: ${[implementation.id, ...shown].join(' ')}`, () => {
      const context = contextOf(implementation, { ...rest, options: given });
      for (const check of conformanceChecks) {
        test(check.name, async (t) => {
          const reason =
            whyNot(check, implementation, context, options.skip) ??
            (check.isStatic ? undefined : await whatIsMissing(implementation, context));
          if (reason === undefined) await check.run(implementation, context);
          else t.skip(reason);
        });
      }
    });
  }
}

function requireChecks(names: readonly string[]): void {
  const known = conformanceChecks.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ConformanceError(`there is no check "${unknown}".${didYouMean(unknown, known)}`);
}

/** Why a check is not run, or `undefined`. */
function whyNot(
  check: Check,
  implementation: Implementation,
  context: Context,
  skip: Skip = [],
): string | undefined {
  const listed = skip.find(({ checks }) => checks.includes(check.name));
  return listed?.reason ?? check.skip?.(implementation, context) ?? whyNoRun(check, implementation);
}

/** Why the suite's sets cannot be played at all, or `undefined`: implementations of ours can do all of this. */
function whyNoRun(check: Check, { program, outputs }: Implementation): string | undefined {
  if (check.isStatic) return undefined;
  if (program?.anyBytes === false)
    return 'its items are lines of text, and those of this check are any bytes';
  if (outputs?.includes('intersection') === false && !outputChecks.includes(check))
    return 'it does not offer the intersection';
  return undefined;
}

function contextOf(implementation: Implementation, options: CheckOptions): Context {
  const values = resolveOptions(implementation, options.options);
  const defaults = resolveOptions(implementation);
  return {
    options: values,
    isDefault: Object.keys(defaults).every((name) => defaults[name] === values[name]),
    threads: options.threads ?? 1,
    scale: options.scale ?? 1,
    limitMs: options.limitMs ?? 30_000,
  };
}

/** What has to be installed before the implementation can run, or `undefined`. */
async function whatIsMissing(implementation: Implementation, context: Context): Promise<string | undefined> {
  try {
    const available = await implementation.available(context.options);
    return available === true ? undefined : `not available: ${available}`;
  } catch (error) {
    return `available() failed: ${messageOf(error)}`;
  }
}
