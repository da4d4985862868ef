/**
 * Agrees on state that two parties keep between runs, and on the number of the run. Each says in a first message what it
 * keeps (the state's name and the next number that it has not used); who keeps nothing sends the beginning of a new
 * state behind it, so that nothing is waited for. Only if exactly one of the two has lost its state it takes one flight more.
 */
import type { Channel } from '../../../bench/contract.ts';
import { receiveExactly } from '../messages/receive-exactly.ts';
import { RunNumbers } from './columns.ts';

const ID_BYTES = 16;
/** The state's name, the next run (u64, big-endian). */
const HELLO_BYTES = ID_BYTES + 8;
/** Numbers of runs are hashed as 32 bits by some. */
const MAX_RUN = 2 ** 32 - 1;

/** A state in the making: what to send at once, and what to do then. */
export interface Keeping<State> {
  /** Made one by one as they leave. */
  readonly messages: Iterable<Uint8Array>;
  finish(): Promise<State>;
}

interface Kept<State> {
  readonly state: State;
  readonly runs: RunNumbers;
}

/** Where to agree, and with whom. */
export interface Place {
  readonly channel: Channel;
  /** What errors call the other party. */
  readonly peer: string;
  /** A session's: what its party keeps. */
  readonly kept: Map<string, unknown>;
}

/** What is agreed on. */
export interface Agreed<State> {
  readonly state: State;
  /** The run's number, which neither party has used with this state. */
  readonly run: number;
  /** The peer's fresh bytes. */
  readonly theirs: Uint8Array;
}

/**
 * The state that both parties keep under `name`, or a new one, and the number of this run in it.
 * @param fresh random bytes that travel with the greeting, as many as the peer's.
 * @throws Error when the peer's message is malformed or numbers have run out.
 */
export async function agree<State extends { readonly id: Uint8Array }>(
  { channel, peer, kept: store }: Place,
  name: string,
  begin: () => Keeping<State>,
  fresh: Uint8Array = new Uint8Array(0),
): Promise<Agreed<State>> {
  const flight = channel.openFlight();
  let kept = store.get(name) as Kept<State> | undefined;
  let making = kept ? undefined : begin();
  const greet = async () => {
    await flight.send(hello(kept, fresh));
    for (const message of making?.messages ?? []) await flight.send(message);
  };
  const [theirs] = await Promise.all([
    receiveExactly(channel, HELLO_BYTES + fresh.length, `the ${peer}'s greeting`),
    greet(),
  ]);
  const next = Number(new DataView(theirs.buffer, theirs.byteOffset).getBigUint64(ID_BYTES));
  let run = 0;
  if (kept && Buffer.compare(theirs.subarray(0, ID_BYTES), kept.state.id) === 0) {
    run = Math.max(kept.runs.next, next);
  } else {
    if (!making) {
      making = begin();
      const late = channel.openFlight();
      for (const message of making.messages) await late.send(message);
    }
    kept = { state: await making.finish(), runs: new RunNumbers() };
    store.set(name, kept);
  }
  if (run > MAX_RUN)
    throw new Error(
      `the ${peer} asks for run ${run}, the last possible is ${MAX_RUN}: start both parties anew`,
    );
  kept.runs.take(run);
  return { state: kept.state, run, theirs: theirs.slice(HELLO_BYTES) };
}

function hello(kept: Kept<{ readonly id: Uint8Array }> | undefined, fresh: Uint8Array): Uint8Array {
  const message = new Uint8Array(HELLO_BYTES + fresh.length);
  message.set(fresh, HELLO_BYTES);
  if (!kept) return message;
  message.set(kept.state.id);
  new DataView(message.buffer).setBigUint64(ID_BYTES, BigInt(kept.runs.next));
  return message;
}
