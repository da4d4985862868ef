/** The receiver: evaluates, and learns the output. */
import type { ReceiverParty, ReceiverResult, Session } from '../../bench/contract.ts';
import {
  bitsOfWords,
  itemDomain,
  itemWords,
  receiverList,
  wordsOfBits,
} from '../primitives/circuits/item-words.ts';
import type { Program } from '../primitives/circuits/program.ts';
import { Digester } from '../primitives/digest/digest.ts';
import { EvaluatorParty, type PartyOptions } from '../primitives/garbling/two-party.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { intersectionCircuit } from './circuit.ts';

export function receiverParty(session: Session, options: PartyOptions): ReceiverParty {
  const domain = itemDomain(session.sizes);
  const party = new EvaluatorParty(options);
  let salt: Uint8Array = new Uint8Array(0);
  let words: bigint[] = [];
  let bits = new Uint8Array(0);
  let program: Program | undefined;
  return {
    async setup() {
      salt = await party.setup();
    },
    async prepare(items) {
      words = itemWords(domain, new Digester({ width: 16, prefix: salt }).items(items));
      bits = bitsOfWords(receiverList(domain, words), domain.bits);
      program = intersectionCircuit(domain, session.output);
    },
    async online() {
      if (!program) throw new Error('prepare comes first');
      const start = performance.now();
      const outputs = await party.run(new WorkingMemory(), program, bits);
      session.step('transfers and circuit', performance.now() - start);
      return resultOf(session.output.kind, outputs, words, domain.lanes);
    },
    close() {
      words = [];
      bits = new Uint8Array(0);
    },
  };
}

/** @throws Error when an output is none that an honest run can have. */
function resultOf(
  kind: Session['output']['kind'],
  outputs: Uint8Array,
  words: readonly bigint[],
  lanes: number,
): ReceiverResult {
  if (kind === 'threshold') return outputs[0] === 1;
  if (kind === 'cardinality') return outputs.reduceRight((sum, bit) => 2 * sum + bit, 0);
  const places = new Map(words.map((word, index) => [word, index]));
  const found = wordsOfBits(outputs, lanes).flatMap((word) => {
    if (word === 0n) return [];
    const place = places.get(word);
    if (place === undefined) {
      throw new Error(
        'the garbled circuit gives an item that this party does not have: the peer garbled another one',
      );
    }
    return [place];
  });
  return Uint32Array.from(new Set(found)).sort();
}
