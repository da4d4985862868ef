/** Names of data sets that tell apart what differs: two pairs of files may have the same names, and other contents. */
import { createHash } from 'node:crypto';
import type { Environment } from '../record/environment.ts';
import type { RunRecord } from '../record/samples.ts';

type Facts = Environment['datasets'][string];

/**
 * The records, in which a data set has its name alone only where all of them mean the same data by it. Else
 * the seed, or a part of the hash of what is known of the contents, follows the name; such data sets are
 * settings of their own.
 */
export function withDistinctData(records: readonly RunRecord[]): RunRecord[] {
  const meanings = new Map<string, Set<string>>();
  for (const { environment } of records) {
    for (const [name, facts] of Object.entries(environment.datasets)) {
      meanings.set(name, (meanings.get(name) ?? new Set()).add(canonical(facts)));
    }
  }
  const nameOf = (name: string, { datasets }: Environment) => {
    const facts = datasets[name];
    return facts === undefined || (meanings.get(name)?.size ?? 0) < 2 ? name : `${name}, ${mark(facts)}`;
  };
  return records.map((record) => {
    const { environment, samples } = record;
    const datasets = Object.entries(environment.datasets).map(
      ([name, facts]) => [nameOf(name, environment), facts] as const,
    );
    return {
      ...record,
      environment: { ...environment, datasets: Object.fromEntries(datasets) },
      samples: samples.map((sample) => ({ ...sample, dataset: nameOf(sample.dataset, environment) })),
    };
  });
}

/** Who checked the results is no fact on the data. */
function canonical({ checked: _, ...facts }: Facts): string {
  return JSON.stringify(Object.entries(facts).sort());
}

function mark(facts: Facts): string {
  const { seed } = facts;
  if (seed !== undefined) return `seed ${seed}`;
  return `contents ${createHash('sha256').update(canonical(facts)).digest('hex').slice(0, 7)}`;
}
