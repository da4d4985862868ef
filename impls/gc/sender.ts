/** The sender: garbles, and learns nothing. */
import type { SenderParty, Session } from '../../bench/contract.ts';
import { bitsOfWords, itemDomain, itemWords, senderList } from '../primitives/circuits/item-words.ts';
import type { Program } from '../primitives/circuits/program.ts';
import { routing } from '../primitives/circuits/shuffle.ts';
import { Digester } from '../primitives/digest/digest.ts';
import type { GarblerInputs } from '../primitives/garbling/garbler.ts';
import { GarblerParty, type PartyOptions } from '../primitives/garbling/two-party.ts';
import { randomOrder } from '../primitives/order/order.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { intersectionCircuit } from './circuit.ts';

export function senderParty(session: Session, options: PartyOptions): SenderParty {
  const domain = itemDomain(session.sizes);
  const party = new GarblerParty(options);
  let salt: Uint8Array = new Uint8Array(0);
  let inputs: GarblerInputs | undefined;
  let program: Program | undefined;
  return {
    async setup() {
      salt = await party.setup();
    },
    async prepare(items) {
      const words = itemWords(domain, new Digester({ width: 16, prefix: salt }).items(items));
      inputs = {
        bits: bitsOfWords(senderList(domain, words), domain.bits),
        secrets:
          session.output.kind === 'intersection'
            ? routing(randomOrder(domain.lanes, session.random))
            : new Uint8Array(0),
      };
      program = intersectionCircuit(domain, session.output);
    },
    async online() {
      if (!program || !inputs) throw new Error('prepare comes first');
      const start = performance.now();
      await party.run(new WorkingMemory(), program, inputs);
      session.step('transfers and circuit', performance.now() - start);
    },
    close() {
      inputs = undefined;
    },
  };
}
