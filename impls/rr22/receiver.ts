/** The receiver of `rr22`: hides the encoding of its items behind A, and compares tags under C. */
import type { ItemSet, ReceiverParty, Session } from '../../bench/contract.ts';
import { AES_BYTES, Aes, xorBlocks } from '../primitives/aes/aes.ts';
import { Join } from '../primitives/join/join.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { receiveRecords, sendRecords } from '../primitives/messages/records.ts';
import type { CotReceiver } from '../primitives/ot/cot.ts';
import { publicKeys, SALT_BYTES } from '../primitives/vole/public-keys.ts';
import { NoisyParty } from '../primitives/vole/vole.ts';
import { parametersOf } from './parameters.ts';
import { type Agreed, setUpReceiver } from './setup.ts';
import { makeTags } from './tags/tags.ts';
import { loadKernels, type Placed, Workspace } from './workspace.ts';

/** Everything that `prepare` leaves for `online`. */
interface Prepared {
  readonly placed: Placed;
  readonly noisy: NoisyParty;
  /** Address of the transfers' rows. */
  readonly rows: number;
  /** Both keys and the message of the transfers. */
  readonly head: Uint8Array;
}

export function receiverParty(session: Session): ReceiverParty {
  loadKernels();
  let opening: Promise<Workspace> | undefined;
  let workspace: Workspace | undefined;
  let agreed: Agreed<CotReceiver> | undefined;
  let prepared: Prepared | undefined;
  return {
    async setup() {
      // Threads start while the parties talk.
      opening = Workspace.open(session);
      [workspace, agreed] = await Promise.all([opening, setUpReceiver(session, parametersOf(session))]);
    },
    async prepare(items) {
      prepared = prepare(session, started(workspace), started(agreed), items);
    },
    async online() {
      return exchange(session, started(workspace), started(prepared));
    },
    async close() {
      await opening?.then(
        (opened) => opened.close(),
        () => {},
      );
      workspace = undefined;
      agreed = undefined;
      prepared = undefined;
    },
  };
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('"setup" and "prepare" must come first');
  return value;
}

/** Leaves D = A + P at the workspace's vector. */
function prepare(
  { random }: Session,
  workspace: Workspace,
  { cot, run }: Agreed<CotReceiver>,
  items: ItemSet,
): Prepared {
  const { memory, parameters, setting, vector } = workspace;
  const { columns } = parameters;
  workspace.step('item hashes', () => workspace.digest(items, vector));
  // Drawn after the items are fixed, as the proof asks.
  const head = new Uint8Array(2 * AES_BYTES);
  random.fill(head);
  const rowKey = head.slice(0, AES_BYTES);
  const valueKey = head.slice(AES_BYTES);
  const placed = workspace.step('store: order', () => workspace.place(vector, items.count, rowKey));
  const noisy = new NoisyParty(setting, random);
  const rows = memory.allocate(parameters.vole.transfers * AES_BYTES);

  const mark = memory.mark();
  const encoded = memory.allocate(columns * AES_BYTES);
  workspace.step('store: encode', () => {
    // The vector is longer than the store and free until the noise is made.
    new Aes(memory, valueKey).mmo(placed.items, vector, items.count);
    const encoding = placed.encode(vector, encoded, 'zero');
    if (!encoding.ok) {
      throw new Error(
        `the items could not be encoded (${encoding.reason}), which happens once in 2^40 runs: run again`,
      );
    }
  });
  noisy.noise(vector);
  xorBlocks(memory, vector, encoded, vector, columns);
  memory.release(mark);

  const message = workspace.step('transfers', () =>
    cot.run(memory, run).extend(noisy.choices, parameters.vole.transfers, rows),
  );
  return { placed, noisy, rows, head: Buffer.concat([head, message]) };
}

async function exchange(
  session: Session,
  workspace: Workspace,
  { placed, noisy, rows, head }: Prepared,
): Promise<Uint32Array> {
  const { memory, parameters, vector } = workspace;
  const { columns, vole, tagBytes } = parameters;
  const channel = session.channel('sender');
  const flight = channel.openFlight();
  await workspace.wait('columns leave', async () => {
    await flight.send(head);
    await sendRecords(flight, memory.bytes(vector, columns * AES_BYTES), AES_BYTES);
  });
  const answer = await workspace.wait('vector OLE arrives', () =>
    receiveExactly(channel, SALT_BYTES + vole.messageBytes, "the sender's message of the vector OLE"),
  );
  const keys = publicKeys(answer.subarray(0, SALT_BYTES));
  noisy.correlate(keys.vole, rows, answer.subarray(SALT_BYTES), vector);
  // The second half of the vector is free now, and as long as the columns are many.
  const elements = vector + columns * AES_BYTES;
  workspace.step('store: decode', () => placed.decoding(vector, elements).advance(columns));
  const tags = workspace.step('tags', () =>
    makeTags(memory, new Aes(memory, keys.output), elements, placed.count, tagBytes),
  );
  const table = workspace.step('join: own tags', () => new Join(tags, tagBytes));
  await workspace.wait('join: tags arrive', () =>
    receiveRecords(channel, session.sizes.sender, tagBytes, "the sender's message of tags", (theirs) =>
      table.add(theirs),
    ),
  );
  const numbers = memory.words(placed.numbers, placed.count);
  return table
    .result()
    .map((place) => numbers[place] ?? 0)
    .sort();
}
