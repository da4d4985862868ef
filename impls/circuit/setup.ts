/**
 * Setup: two sets of base transfers, the vector OLE's with Δ as the sender's choices and the circuit's with Γ: two
 * secrets, so that what is argued of either holds by itself. They are kept for later runs.
 */
import type { Session } from '../../bench/contract.ts';
import type { CotKind, CotReceiver, CotSender } from '../primitives/ot/cot.ts';
import {
  type AgreedTransfers,
  keptReceiver,
  keptSender,
  type TransferOptions,
} from '../primitives/ot/kept-transfers.ts';

/** The transfers of a run, for the vector OLE and for the circuit. */
export interface Transfers<Cot> {
  readonly vole: Cot;
  readonly inputs: Cot;
  /** The run's number, to begin both with. */
  readonly run: number;
  /** 64 bytes that name this run. */
  readonly name: Uint8Array;
}

/** Both sets. */
export const SETS = 2;

function options(session: Session, peer: 'receiver' | 'sender'): TransferOptions {
  return {
    channel: session.channel(peer),
    peer,
    kept: session.kept,
    random: session.random,
    context: 'psi-circuit-1',
    transfers: session.options.ot as CotKind,
  };
}

export async function setUpReceiver(session: Session): Promise<Transfers<CotReceiver>> {
  return both(await keptReceiver(options(session, 'sender'), SETS));
}

export async function setUpSender(session: Session): Promise<Transfers<CotSender>> {
  // The two labels of a wire differ by Γ and must differ in their permute bit, the lowest one.
  return both(await keptSender(options(session, 'receiver'), [false, true]));
}

function both<Cot>({ sets, run, name }: AgreedTransfers<Cot>): Transfers<Cot> {
  const [vole, inputs] = sets;
  if (!vole || !inputs) throw new Error('two sets of transfers were asked for');
  return { vole, inputs, run, name };
}
