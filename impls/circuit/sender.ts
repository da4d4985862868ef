/** The sender: programs a random target for each bin at its items there, and garbles the comparisons. */
import type { ItemSet, SenderParty, Session } from '../../bench/contract.ts';
import { counterStream } from '../primitives/aes/aes.ts';
import { CUCKOO_HASHES } from '../primitives/cuckoo/cuckoo.ts';
import { garbleTo } from '../primitives/garbling/exchange.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { receiveRecords, recordsPerMessage, sendRecords } from '../primitives/messages/records.ts';
import { opprfKernel } from '../primitives/opprf/kernel.ts';
import { headBytes } from '../primitives/opprf/receiver.ts';
import { OpprfSender } from '../primitives/opprf/sender.ts';
import type { CotSender } from '../primitives/ot/cot.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { type Binned, binItems } from './bins.ts';
import { comparisonCircuit } from './comparisons.ts';
import { batches, shapeOf } from './parameters.ts';
import { setUpSender, type Transfers } from './setup.ts';

const NONCE = new Uint8Array(16);

interface Prepared {
  readonly memory: WorkingMemory;
  readonly opprf: OpprfSender;
  readonly binned: Binned;
  /** Address of the targets, 16 bytes a bin. */
  readonly targets: number;
}

export function senderParty(session: Session): SenderParty {
  let transfers: Transfers<CotSender> | undefined;
  let prepared: Prepared | undefined;
  return {
    async setup() {
      transfers = await setUpSender(session);
    },
    async prepare(items) {
      if (!transfers) throw new Error('setup comes first');
      prepared = prepare(session, transfers, items);
    },
    async online() {
      if (!transfers || !prepared) throw new Error('setup and prepare come first');
      const start = performance.now();
      const secrets = await program(session, transfers, prepared);
      const programmed = performance.now();
      session.step('function', programmed - start);
      // The function's memory is not needed any more.
      prepared = undefined;
      const { bins, bits } = shapeOf(session.sizes);
      const circuit = comparisonCircuit(bins, bits, session.output);
      const memory = new WorkingMemory();
      const exchange = { memory, channel: session.channel('receiver'), peer: 'receiver' };
      const { inputs, run } = transfers;
      await garbleTo(exchange, inputs.run(memory, run), session.random, inputs.delta, circuit, {
        bits: new Uint8Array(0),
        secrets,
      });
      session.step('transfers and circuit', performance.now() - programmed);
    },
    close() {
      transfers = undefined;
      prepared = undefined;
    },
  };
}

function prepare(session: Session, { vole, name }: Transfers<CotSender>, items: ItemSet): Prepared {
  const memory = new WorkingMemory();
  const shape = shapeOf(session.sizes);
  const binned = binItems(memory, items, shape.bins, name);
  const targets = memory.allocate(shape.bins * 16);
  counterStream(memory, session.random.bytes(16), NONCE, targets, shape.bins * 16);
  const opprf = new OpprfSender(memory, shape, vole.delta, session.random, recordsPerMessage(16));
  return { memory, opprf, binned, targets };
}

/** Sends the hint; returns the complements of the targets, as the circuit takes them. */
async function program(
  session: Session,
  { vole, run: number }: Transfers<CotSender>,
  { memory, opprf, binned, targets }: Prepared,
): Promise<Uint8Array> {
  const channel = session.channel('receiver');
  const shape = shapeOf(session.sizes);
  const run = vole.run(memory, number);
  const head = await receiveExactly(channel, headBytes(shape, run), "the receiver's keys and transfers");
  const flight = channel.openFlight();
  // The receiver reads it once all of its columns have left: nothing may wait for this to arrive.
  const answered = flight.send(opprf.answer(head, run, vole.delta));
  answered.catch(() => {});
  await receiveRecords(channel, shape.columns, 16, "the receiver's message of columns", (columns, first) =>
    opprf.take(columns, first),
  );
  await answered;

  const kernel = opprfKernel(memory);
  const { sender } = session.sizes;
  const keys = memory.allocate(shape.programmed * 16);
  kernel.itemKeys(binned.items, binned.candidates, sender, keys);
  // Items of one bin have one target.
  const wanted = memory.allocate(shape.programmed * 16);
  kernel.pick(targets, binned.candidates, CUCKOO_HASHES * sender, wanted);
  await sendRecords(flight, opprf.hint(keys, wanted), 1);

  const bits = memory.allocate(shape.bins * shape.bits);
  for (const { first, lanes } of batches(shape.bins)) {
    kernel.bits(targets + first * 16, lanes, shape.bits, 1, bits + first * shape.bits);
  }
  return memory.bytes(bits, shape.bins * shape.bits).slice();
}
