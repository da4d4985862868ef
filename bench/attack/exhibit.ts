/** The exhibit: every implementation's transcript under the same attack. */

import { packItems } from '../../impls/primitives/items.ts';
import { runInMemory } from '../conformance/play.ts';
import type { Implementation } from '../contract.ts';
import { formatOptions } from '../record/samples.ts';
import { attack, makeTarget } from './attack.ts';
import { type Dictionary, identifierDictionary, listDictionary, nameDictionary } from './dictionary.ts';
import type { AttackRow } from './record.ts';
import { type Field, makeVictims, type Victims } from './victims.ts';

export interface ExhibitOptions {
  /** Patients per party in the attacks on what is declared not private. */
  readonly size: number;
  /** The same in the attacks on the others, whose protocols may be slow. */
  readonly privateSize: number;
  /** Guesses per dictionary at most. */
  readonly guesses: number;
  readonly seed: string;
  readonly onRow?: (row: AttackRow) => void;
}

interface Case {
  readonly fields: readonly Field[];
  readonly dictionary: (victims: Victims) => Dictionary;
}

const IDENTIFIER: readonly Field[] = ['identifier'];
const NAME: readonly Field[] = ['given_name', 'surname', 'birth_date'];

/** A register with everybody in it, and as many people again who are in neither set. */
const LEAKED: Case = {
  fields: IDENTIFIER,
  dictionary: ({ receiver, sender }) => {
    const others = Array.from({ length: receiver.length + sender.length }, (_, i) => `others ${i}`);
    return listDictionary([...new Set([...receiver, ...sender, ...others])]);
  },
};

const CASES: readonly Case[] = [
  LEAKED,
  { fields: IDENTIFIER, dictionary: identifierDictionary },
  { fields: NAME, dictionary: nameDictionary },
];

/** Attacks `implementation` and returns one row per dictionary (and, where there is one, per salt). */
export async function attackImplementation(
  implementation: Implementation,
  options: ExhibitOptions,
): Promise<AttackRow[]> {
  const open = !implementation.security.private;
  const rows: AttackRow[] = [];
  // Without privacy the option that might help is shown beside the default.
  const settings = open && implementation.options.salt ? [{}, { salt: true }] : [{}];
  for (const setting of settings) {
    for (const { fields, dictionary } of open ? CASES : [LEAKED]) {
      const victims = makeVictims(open ? options.size : options.privateSize, fields, options.seed);
      const row = await attackOnce(implementation, setting, fields, victims, dictionary(victims), options);
      options.onRow?.(row);
      rows.push(row);
    }
  }
  return rows;
}

async function attackOnce(
  implementation: Implementation,
  setting: Readonly<Record<string, boolean>>,
  fields: readonly Field[],
  victims: Victims,
  dictionary: Dictionary,
  { guesses: most }: ExhibitOptions,
): Promise<AttackRow> {
  const { receiver, sender, unshared } = victims;
  const input = { receiver: packItems(receiver), sender: packItems(sender), options: setting };
  const { transcript } = await runInMemory(implementation, input);
  const open = !implementation.security.private;
  const sizes = { receiver: receiver.length, sender: sender.length };
  const target = makeTarget(transcript, sizes, open ? setting.salt === true : undefined);
  const guesses = Math.min(most, dictionary.size);
  const { found, ms, digestMs } = attack(target, dictionary, guesses);
  const [own, secret] = [new Set(sender), new Set(unshared)];
  return {
    impl: implementation.id,
    options: formatOptions(setting),
    private: implementation.security.private,
    fields: fields.join(', '),
    receiverSize: receiver.length,
    senderSize: sender.length,
    unshared: unshared.length,
    dictionary: dictionary.title,
    space: dictionary.size,
    guesses,
    withinReach: unshared.filter((item) => {
      const at = dictionary.indexOf(item);
      return at >= 0 && at < guesses;
    }).length,
    recovered: found.filter((item) => secret.has(item)).length,
    mistaken: found.filter((item) => !own.has(item)).length,
    windows: target.windows,
    guessesPerSecond: guesses / (ms / 1000),
    kernelGuessesPerSecond: (guesses * target.prefixes.length) / (digestMs / 1000),
  };
}
