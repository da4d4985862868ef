/** Whose records are attacked: generated patients, identified by some of their fields only. */

import { PATIENT_COLUMNS, Population } from '../../datasets/patients/patients.ts';
import { joinKey } from '../../datasets/values/linkage-key.ts';
import { normalise } from '../../datasets/values/normalise.ts';

export type Field = (typeof PATIENT_COLUMNS)[number];

/** Both parties' items as text, and those that only the sender has. */
export interface Victims {
  readonly receiver: readonly string[];
  readonly sender: readonly string[];
  readonly unshared: readonly string[];
}

/**
 * Two sets of `size` patients each, half of them shared, as linkage keys of `fields`. People who cannot be
 * told apart by those fields count once.
 */
export function makeVictims(size: number, fields: readonly Field[], seed: string): Victims {
  const population = new Population(seed);
  const places = fields.map((field) => PATIENT_COLUMNS.indexOf(field));
  const shared = size >> 1;
  const keys = new Set<string>();
  for (let member = 0; keys.size < 2 * size - shared; member++) {
    const record = population.record(member);
    keys.add(joinKey(places.map((place) => normalise(record[place]!))));
  }
  const people = [...keys];
  const unshared = people.slice(size);
  return { receiver: people.slice(0, size), sender: [...people.slice(0, shared), ...unshared], unshared };
}
