/**
 * Checks of how a party fails. Every message of an honest run is taken in turn (up to a limit) and
 * something is done to it; nobody may hang, and whoever must notice must say so clearly.
 */
import type { Implementation } from '../../contract.ts';
import { systemRandom } from '../../party/random.ts';
import {
  type Check,
  type Context,
  playIn,
  playRight,
  require,
  requireClean,
  requireSettled,
  requireValidResult,
  scaled,
  skipForeignChecks,
} from '../context.ts';
import { whatIsUnclear } from '../errors.ts';
import type { Message, Tampering } from '../memory-channel.ts';
import type { Play } from '../play.ts';
import { type Case, randomCase } from '../sets.ts';

/** How long nothing may move before a waiting party is told so, in ms. */
const IDLE_MS = 1_000;

/** What is done to a message. `undefined` instead of a function's result: it cannot be done to this one. */
interface Fault {
  /** Said of the message: "was …". */
  readonly what: string;
  readonly apply: (message: Message) => Tampering;
}

const DIES: Fault = { what: 'replaced by the death of its sender', apply: () => 'close' };
const STALLS: Fault = { what: 'withheld, as all later ones of its sender', apply: () => 'stall' };
const TRUNCATIONS: readonly Fault[] = [
  { what: 'cut short by one byte', apply: ({ bytes }) => cut(bytes, bytes.length - 1) },
  { what: 'cut to nothing', apply: ({ bytes }) => (bytes.length > 1 ? cut(bytes, 0) : undefined) },
];
const EXTENSIONS: readonly Fault[] = [
  { what: 'followed by one more byte', apply: ({ bytes }) => extend(bytes, 1) },
  { what: 'followed by a megabyte', apply: ({ bytes }) => extend(bytes, 2 ** 20) },
];
const GARBAGE: readonly Fault[] = [
  {
    what: 'replaced by random bytes',
    apply: ({ bytes }) => fresh(bytes, () => systemRandom.bytes(bytes.length)),
  },
  { what: 'replaced by zeros', apply: ({ bytes }) => fresh(bytes, () => new Uint8Array(bytes.length)) },
  {
    what: 'replaced by bytes 0xff',
    apply: ({ bytes }) => fresh(bytes, () => new Uint8Array(bytes.length).fill(255)),
  },
];
const OTHER_LENGTHS: readonly Fault[] = [
  {
    what: 'replaced by random bytes of another length',
    apply: ({ bytes }) => systemRandom.bytes(anotherLength(bytes.length)),
  },
];

export const faultChecks: readonly Check[] = [
  faultCheck('fails clearly when its peer dies', [DIES], 'must fail'),
  faultCheck('fails clearly when its peer stalls', [STALLS], 'must fail'),
  ...[
    faultCheck('refuses truncated messages', TRUNCATIONS, 'must fail'),
    faultCheck('refuses messages that are too long', EXTENSIONS, 'must fail'),
    faultCheck('refuses garbage of another length', OTHER_LENGTHS, 'must fail'),
    // Random digests just match nothing in a semi-honest protocol: there, an empty result is a right answer.
    faultCheck('survives garbage: a clear error or a valid result', GARBAGE, 'may succeed'),
  ].map((check) => ({ ...check, skip: skipForeignChecks })),
];

function faultCheck(name: string, faults: readonly Fault[], recipient: 'must fail' | 'may succeed'): Check {
  return {
    name,
    async run(implementation, context) {
      const sets = randomCase(name, { receiver: 6, sender: 5 }, 3);
      const honest = await playRight(implementation, context, sets);
      let applied = 0;
      for (const target of chooseMessages(honest.transcript, scaled(context, 12))) {
        for (const fault of faults) {
          const run = await playTampered(implementation, context, sets, target, fault);
          if (run === undefined) continue;
          applied++;
          const where = `when message ${target.index + 1} from the ${target.from} to the ${target.to} (${target.phase}) was ${fault.what}`;
          judge(run, target, recipient, sets.receiver.count, where);
        }
      }
      require(applied > 0 || honest.transcript.length === 0, 'no message could be tampered with');
    },
  };
}

/** A run in which `fault` is applied to the message in the place of `target`; `undefined` if it cannot be. */
async function playTampered(
  implementation: Implementation,
  context: Context,
  { receiver, sender }: Case,
  target: Message,
  fault: Fault,
): Promise<Play | undefined> {
  let applied = false;
  const tamper = (message: Message): Tampering => {
    const isTarget =
      message.from === target.from && message.to === target.to && message.index === target.index;
    if (!isTarget) return undefined;
    const tampering = fault.apply(message);
    applied = tampering !== undefined;
    return tampering;
  };
  const run = await playIn(implementation, context, { receiver, sender, mesh: { tamper, idleMs: IDLE_MS } });
  return applied ? run : undefined;
}

function judge(
  run: Play,
  target: Message,
  recipient: 'must fail' | 'may succeed',
  count: number,
  where: string,
): void {
  requireSettled(run, where);
  requireClean(run, where);
  for (const [role, ending] of run.endings) {
    if (ending.state !== 'failed') continue;
    const unclear = whatIsUnclear(ending.error);
    require(unclear === undefined, `${where}, the ${role} failed with ${unclear}`);
  }
  const receiver = run.endings.get('receiver');
  if (receiver?.state === 'done') requireValidResult(receiver.value, count, where);
  if (recipient === 'must fail') {
    require(run.endings.get(target.to)?.state === 'failed', `${where}, the ${target.to} did not notice`);
  }
}

/**
 * At most `most` of the messages, chosen the same way every time: the first of each direction, the last
 * of each direction, then others spread evenly.
 */
function chooseMessages(transcript: readonly Message[], most: number): Message[] {
  const byDirection = new Map<string, Message[]>();
  for (const message of transcript) {
    const direction = `${message.from} ${message.to}`;
    byDirection.set(direction, [...(byDirection.get(direction) ?? []), message]);
  }
  const chosen = new Set<Message>();
  for (const messages of byDirection.values()) chosen.add(messages[0]!);
  for (const messages of byDirection.values()) chosen.add(messages.at(-1)!);
  const rest = transcript.filter((message) => !chosen.has(message));
  const room = Math.max(0, most - chosen.size);
  for (let i = 0; i < Math.min(room, rest.length); i++) {
    chosen.add(rest[Math.floor((i * rest.length) / Math.min(room, rest.length))]!);
  }
  return [...chosen].slice(0, most);
}

function cut(bytes: Uint8Array, length: number): Tampering {
  return length < 0 ? undefined : bytes.slice(0, length);
}

function extend(bytes: Uint8Array, by: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + by);
  longer.set(bytes);
  longer.set(systemRandom.bytes(by), bytes.length);
  return longer;
}

function fresh(bytes: Uint8Array, make: () => Uint8Array): Tampering {
  return bytes.length === 0 ? undefined : make();
}

function anotherLength(length: number): number {
  const other = Buffer.from(systemRandom.bytes(4)).readUInt32LE() % (2 * length + 64);
  return other === length ? length + 1 : other;
}
