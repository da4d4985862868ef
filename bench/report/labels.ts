/** Names for rows: the implementation, and whatever else tells it from its neighbours. */

import { createHash } from 'node:crypto';
import type { Environment, ImplementationFacts } from '../record/environment.ts';
import type { SampleHead } from '../record/samples.ts';

export interface Labelled {
  readonly head: SampleHead;
  readonly commit: string;
  /** What else rows may differ in, in words. */
  readonly circumstances: Readonly<Record<string, string>>;
  label: string;
}

/** What rows may differ in that are of one commit, version and options. */
export function circumstancesOf(
  { seed, runtime, code, conditions }: Environment,
  { source }: ImplementationFacts,
): Record<string, string> {
  const limits = createHash('sha256').update(JSON.stringify(conditions ?? null));
  return {
    source: `code ${source?.slice(0, 7)}`,
    seed: `seed ${seed}`,
    node: `Node ${runtime.node}`,
    packages: `packages ${code.lockSha256?.slice(0, 7)}`,
    conditions: `limits ${limits.digest('hex').slice(0, 7)}`,
  };
}

/** Names cells by what differs among those of their implementation, so that no two rows look alike. */
export function labelCells(cells: readonly Labelled[]): void {
  for (const own of Map.groupBy(cells, ({ head }) => head.impl).values()) {
    const parts = own.map(({ head, commit, circumstances }): Record<string, string> => {
      const options = head.options.split(';').map((option) => [`option ${option.split('=')[0]}`, option]);
      return {
        ...Object.fromEntries(options),
        threads: head.threads === 1 ? '1 thread' : `${head.threads} threads`,
        engine: head.engine,
        build: head.build,
        version: `version ${head.version}`,
        commit: `at ${commit}`,
        ...circumstances,
      };
    });
    const apart = () => new Set(own.map((cell) => cell.label)).size;
    // A part is shown only when it tells cells apart that the parts before it do not.
    for (const name of new Set(parts.flatMap((part) => Object.keys(part)))) {
      const before = own.map((cell) => cell.label);
      const distinct = apart();
      for (const [i, cell] of own.entries())
        cell.label = [cell.label, parts[i]![name]].filter(Boolean).join(' ');
      if (apart() > distinct) continue;
      for (const [i, cell] of own.entries()) cell.label = before[i]!;
    }
  }
}
