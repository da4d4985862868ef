/**
 * An example of a circuit of one's own: two hospitals learn how many of their shared patients are over 60, and
 * nothing else. The receiver knows the ages; only it learns the number.
 *
 * The parts are in `impls/primitives/circuits` (what can be written) and `impls/primitives/garbling` (how two
 * parties run it); their READMEs explain both. `impls/gc` is a whole implementation made of them.
 */
import { CircuitBuilder } from '../impls/primitives/circuits/builder.ts';
import {
  bitsOfWords,
  type ItemDomain,
  itemDomain,
  itemWords,
  receiverList,
  senderList,
} from '../impls/primitives/circuits/item-words.ts';
import { lanesOf, mergeSorted, neighboursEqual } from '../impls/primitives/circuits/merge.ts';
import type { Program } from '../impls/primitives/circuits/program.ts';
import { bitsOf, countOf, inputWord } from '../impls/primitives/circuits/words.ts';
import { Digester } from '../impls/primitives/digest/digest.ts';
import { EvaluatorParty, GarblerParty, type PartyOptions } from '../impls/primitives/garbling/two-party.ts';
import { packItems } from '../impls/primitives/items.ts';
import { WorkingMemory } from '../impls/primitives/working-memory/working-memory.ts';

/** A patient's identifier, and for the receiver's whether the patient is over 60. */
export type Patients = ReadonlyMap<string, boolean>;
export interface Sizes {
  readonly receiver: number;
  readonly sender: number;
}

/** The circuit, which both parties build. Beyond an item's word travels one more bit: over 60. */
export function over60Circuit({ lanes, bits }: ItemDomain): Program {
  const c = new CircuitBuilder();
  const receiver = inputWord(c, 'evaluator', bits + 1, lanes);
  const sender = inputWord(c, 'garbler', bits + 1, lanes);
  // Sorted by their words, shared patients are neighbours.
  const { even, odd } = mergeSorted(c, receiver, sender, bits);
  const { right, left } = neighboursEqual(c, { even, odd }, bits);
  // The sender's bits are 0, so the sum of two neighbours' bits is the receiver's.
  const [e, o] = [bitsOf(c, even, bits, 1), bitsOf(c, odd, bits, 1)];
  const over60Right = c.and(right, c.xor(e.wires, o.wires));
  const earlier = lanesOf(c, o, 0, lanes - 1);
  const later = lanesOf(c, e, 1, lanes - 1);
  const over60Left = c.and(left, c.xor(earlier.wires, later.wires));
  c.output(countOf(c, c.join([over60Right, over60Left])).wires);
  return c.build();
}

/** Plays the receiver; resolves to the number. */
export async function receiver(options: PartyOptions, patients: Patients, sizes: Sizes): Promise<number> {
  const domain = itemDomain(sizes);
  const party = new EvaluatorParty(options);
  const run = await party.setup();
  const { words, flags } = wordsOf(domain, patients, run);
  // Sorted by the words of items; what travels along is put above them.
  const list = receiverList(domain, words).map((word) => {
    return word | (BigInt(flags.get(word) ?? false) << BigInt(domain.bits));
  });
  const outputs = await party.run(
    new WorkingMemory(),
    over60Circuit(domain),
    bitsOfWords(list, domain.bits + 1),
  );
  return outputs.reduceRight((sum, bit) => 2 * sum + bit, 0);
}

/** Plays the sender, which learns nothing. */
export async function sender(options: PartyOptions, patients: Patients, sizes: Sizes): Promise<void> {
  const domain = itemDomain(sizes);
  const party = new GarblerParty(options);
  const run = await party.setup();
  const { words } = wordsOf(domain, patients, run);
  const bits = bitsOfWords(senderList(domain, words), domain.bits + 1);
  await party.run(new WorkingMemory(), over60Circuit(domain), { bits, secrets: new Uint8Array(0) });
}

/** Words of patients, salted with the run's name, and which of them are over 60. */
function wordsOf(domain: ItemDomain, patients: Patients, run: Uint8Array) {
  const digests = new Digester({ width: 16, prefix: run }).items(packItems([...patients.keys()]));
  const words = itemWords(domain, digests);
  const over60 = [...patients.values()];
  return { words, flags: new Map(words.map((word, i) => [word, over60[i] ?? false])) };
}
