/** The receiver: gets a value for each of its bins, and evaluates the comparisons. */
import type { ItemSet, ReceiverParty, ReceiverResult, Session } from '../../bench/contract.ts';
import { CUCKOO_HASHES } from '../primitives/cuckoo/cuckoo.ts';
import { EMPTY_BIN, largeTable } from '../primitives/cuckoo/large.ts';
import { evaluateFrom } from '../primitives/garbling/exchange.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { receiveRecords, sendRecords } from '../primitives/messages/records.ts';
import { opprfKernel } from '../primitives/opprf/kernel.ts';
import { OpprfReceiver } from '../primitives/opprf/receiver.ts';
import { answerBytes, hintBytes } from '../primitives/opprf/sender.ts';
import type { CotReceiver } from '../primitives/ot/cot.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { binItems } from './bins.ts';
import { comparisonCircuit } from './comparisons.ts';
import { batches, shapeOf } from './parameters.ts';
import { setUpReceiver, type Transfers } from './setup.ts';

interface Prepared {
  readonly memory: WorkingMemory;
  readonly opprf: OpprfReceiver;
  /** Which item lies in each bin, or −1. */
  readonly table: Int32Array;
}

export function receiverParty(session: Session): ReceiverParty {
  let transfers: Transfers<CotReceiver> | undefined;
  let prepared: Prepared | undefined;
  return {
    async setup() {
      transfers = await setUpReceiver(session);
    },
    async prepare(items) {
      if (!transfers) throw new Error('setup comes first');
      prepared = prepare(session, transfers, items);
    },
    async online() {
      if (!transfers || !prepared) throw new Error('setup and prepare come first');
      const { table } = prepared;
      const start = performance.now();
      const bits = await valuesOf(session, prepared);
      const valued = performance.now();
      session.step('function', valued - start);
      // The function's memory is not needed any more.
      prepared = undefined;
      const { bins, bits: width } = shapeOf(session.sizes);
      const program = comparisonCircuit(bins, width, session.output);
      const memory = new WorkingMemory();
      const exchange = { memory, channel: session.channel('sender'), peer: 'sender' };
      const outputs = await evaluateFrom(
        exchange,
        transfers.inputs.run(memory, transfers.run),
        program,
        bits,
      );
      session.step('transfers and circuit', performance.now() - valued);
      return resultOf(session.output.kind, outputs, table);
    },
    close() {
      transfers = undefined;
      prepared = undefined;
    },
  };
}

function prepare(session: Session, { vole, run, name }: Transfers<CotReceiver>, items: ItemSet): Prepared {
  const memory = new WorkingMemory();
  const shape = shapeOf(session.sizes);
  const { bins } = shape;
  const binned = binItems(memory, items, bins, name);
  const entries = memory.allocate(bins * 4);
  largeTable(memory, binned.candidates, items.count, bins, entries);
  // Empty bins have random keys: nobody else has them.
  const keys = memory.allocate(bins * 16);
  session.random.fill(memory.bytes(keys, bins * 16));
  opprfKernel(memory).tableKeys(binned.items, entries, bins, EMPTY_BIN, keys);
  const table = Int32Array.from(memory.words(entries, bins), (entry) =>
    entry === EMPTY_BIN ? -1 : Math.floor(entry / CUCKOO_HASHES),
  );
  const opprf = new OpprfReceiver(memory, shape, keys, vole.run(memory, run), session.random);
  return { memory, opprf, table };
}

/** The values of all bins, as the circuit takes them. */
async function valuesOf(session: Session, { memory, opprf }: Prepared): Promise<Uint8Array> {
  const channel = session.channel('sender');
  const shape = shapeOf(session.sizes);
  const flight = channel.openFlight();
  await flight.send(opprf.head);
  await sendRecords(flight, opprf.columns, 16);
  const values = memory.allocate(shape.bins * 16);
  const what = "the sender's message of the vector OLE";
  opprf.answer(await receiveExactly(channel, answerBytes(shape), what), values);

  const hint = new Uint8Array(hintBytes(shape));
  await receiveRecords(channel, hint.length, 1, "the sender's hint", (part, first) => hint.set(part, first));
  const columns = memory.allocate(hint.length + 16);
  memory.bytes(columns, hint.length - 16).set(hint.subarray(16));
  opprf.program(hint.slice(0, 16), columns, values);

  const kernel = opprfKernel(memory);
  const bits = memory.allocate(shape.bins * shape.bits);
  for (const { first, lanes } of batches(shape.bins)) {
    kernel.bits(values + first * 16, lanes, shape.bits, 0, bits + first * shape.bits);
  }
  return memory.bytes(bits, shape.bins * shape.bits).slice();
}

function resultOf(kind: Session['output']['kind'], outputs: Uint8Array, table: Int32Array): ReceiverResult {
  if (kind === 'threshold') return outputs[0] === 1;
  if (kind === 'cardinality') return outputs.reduceRight((sum, bit) => 2 * sum + bit, 0);
  return Uint32Array.from(table.filter((item, bin) => item >= 0 && outputs[bin] === 1)).sort();
}
