/** The sender of `rr22`: holds Δ, turns D into K = B + D·Δ, and answers with tags of its items under K. */
import type { ItemSet, SenderParty, Session } from '../../bench/contract.ts';
import { AES_BYTES, Aes } from '../primitives/aes/aes.ts';
import { FixedFactor } from '../primitives/gf128/gf128.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { receiveRecords, recordsPerMessage, sendRecords } from '../primitives/messages/records.ts';
import type { CotSender } from '../primitives/ot/cot.ts';
import { sortRecords } from '../primitives/packed/sort/sort.ts';
import { type PublicKeys, publicKeys, SALT_BYTES } from '../primitives/vole/public-keys.ts';
import { FixedParty } from '../primitives/vole/vole.ts';
import { parametersOf } from './parameters.ts';
import { type Agreed, setUpSender } from './setup.ts';
import { makeTags } from './tags/tags.ts';
import { loadKernels, Workspace } from './workspace.ts';

/** Everything that `prepare` leaves for `online`; B is at the workspace's vector. */
interface Prepared {
  /** Address of the items' blocks. */
  readonly items: number;
  readonly fixed: FixedParty;
  readonly salt: Uint8Array;
  readonly keys: PublicKeys;
}

export function senderParty(session: Session): SenderParty {
  loadKernels();
  let opening: Promise<Workspace> | undefined;
  let workspace: Workspace | undefined;
  let agreed: Agreed<CotSender> | undefined;
  let prepared: Prepared | undefined;
  return {
    async setup() {
      // Threads start while the parties talk.
      opening = Workspace.open(session);
      [workspace, agreed] = await Promise.all([opening, setUpSender(session, parametersOf(session))]);
    },
    async prepare(items) {
      prepared = prepare(session, started(workspace), items);
    },
    async online() {
      await exchange(session, started(workspace), started(agreed), started(prepared));
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

function prepare({ random }: Session, workspace: Workspace, items: ItemSet): Prepared {
  const { memory, setting, vector } = workspace;
  const blocks = memory.allocate(items.count * AES_BYTES);
  workspace.step('item hashes', () => workspace.digest(items, blocks));
  const salt = random.bytes(SALT_BYTES);
  const keys = publicKeys(salt);
  const fixed = new FixedParty(setting, keys.vole);
  fixed.grow(random, vector);
  return { items: blocks, fixed, salt, keys };
}

async function exchange(
  session: Session,
  workspace: Workspace,
  { cot, run }: Agreed<CotSender>,
  { items, fixed, salt, keys }: Prepared,
): Promise<void> {
  const { memory, parameters, vector } = workspace;
  const { columns, vole, tagBytes } = parameters;
  const channel = session.channel('receiver');
  const transfers = cot.run(memory, run);
  const headBytes = 2 * AES_BYTES + transfers.messageBytes(vole.transfers);
  const head = await workspace.wait('transfers arrive', () =>
    receiveExactly(channel, headBytes, "the receiver's keys and transfers"),
  );
  const rowKey = head.slice(0, AES_BYTES);
  const valueKey = head.slice(AES_BYTES, 2 * AES_BYTES);

  const flight = channel.openFlight();
  const answer = workspace.step('transfers', () => {
    const mark = memory.mark();
    const rows = memory.allocate(vole.transfers * AES_BYTES);
    transfers.extend(head.subarray(2 * AES_BYTES), vole.transfers, rows);
    const message = fixed.message(rows, cot.delta);
    memory.release(mark);
    return Buffer.concat([salt, message]);
  });
  // The receiver reads it once all of D has left: nothing may wait for this to arrive.
  const answered = flight.send(answer);
  answered.catch(() => {});

  const delta = memory.allocate(AES_BYTES);
  memory.bytes(delta, AES_BYTES).set(cot.delta);
  const times = new FixedFactor(memory, delta);
  const chunk = memory.allocate(recordsPerMessage(AES_BYTES) * AES_BYTES);
  await workspace.wait('columns arrive', () =>
    receiveRecords(channel, columns, AES_BYTES, "the receiver's message of columns", (d, first) => {
      memory.bytes(chunk, d.length).set(d);
      const own = vector + first * AES_BYTES;
      times.multiplyAdd(chunk, own, own, d.length / AES_BYTES);
    }),
  );
  await answered;

  const count = session.sizes.sender;
  const placed = workspace.step('store: order', () => workspace.place(items, count, rowKey));
  const elements = memory.allocate(count * AES_BYTES);
  workspace.step('store: decode', () => placed.decoding(vector, elements).advance(columns));
  const tags = workspace.step('tags', () => {
    // Arranged blocks are not needed any more: they become H_B of the items.
    new Aes(memory, valueKey).mmo(placed.items, placed.items, count);
    times.multiplyAdd(placed.items, elements, elements, count);
    return makeTags(memory, new Aes(memory, keys.output), elements, count, tagBytes);
  });
  // In the order of the store's columns they would tell where the items lie that are not shared.
  workspace.step('tags: sort', () => sortRecords(tags, tagBytes));
  await workspace.wait('tags leave', () => sendRecords(flight, tags, tagBytes));
}
