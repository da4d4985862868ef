/** Checks of what crosses the wire, and when: repeatable, of sizes that give nothing away, in its phase. */
import type { Implementation } from '../../contract.ts';
import { seededRandom } from '../../party/random.ts';
import {
  type Check,
  type Context,
  playIn,
  playRight,
  require,
  scaled,
  skipEnds,
  skipStreams,
} from '../context.ts';
import type { Message } from '../memory-channel.ts';
import type { Play } from '../play.ts';
import { caseOf, items, randomCase } from '../sets.ts';

export const transcriptChecks: readonly Check[] = [
  {
    name: 'sends and receives nothing in prepare',
    async run(implementation, context) {
      await requireNone(implementation, context, 'prepare');
    },
  },
  {
    name: 'leaves no message unread at the end of a phase',
    async run(implementation, context) {
      await requireNone(implementation, context, 'unread');
    },
  },
  {
    name: 'uses channels as agreed: buffers unchanged until sent, one receive at a time',
    async run(implementation, context) {
      for (const kind of ['changed', 'misused'] as const) {
        await requireNone(implementation, context, kind);
      }
    },
  },
  {
    name: 'says how long a message it expects may be',
    async run(implementation, context) {
      const { limits } = await playRight(implementation, context, smallCase('limits'));
      for (const { by, maxBytes, length } of limits) {
        require(maxBytes !== undefined &&
          maxBytes <
            MOST_AT_THESE_SIZES, `the ${by} received a message of ${length} bytes with ${maxBytes === undefined ? 'no limit' : `a limit of ${maxBytes}`}: ` +
          'pass receive() the length that the protocol allows, so that a lying peer cannot take the memory');
      }
    },
  },
  {
    name: 'does not need the wire to hold what it sends',
    skip: skipStreams,
    async run(implementation, context) {
      // What grows with the sets may outgrow every buffer, so it must be possible to send it to a peer
      // that reads it as it comes; what does not grow is taken to fit.
      const size = scaled(context, 24, 6);
      const small = randomCase('unbuffered small', { receiver: size, sender: size }, size >> 1);
      const large = randomCase('unbuffered large', { receiver: 2 * size, sender: 2 * size }, size >> 1);
      const inSmall = lengthsByMessage(await playRight(implementation, context, small));
      const inLarge = lengthsByMessage(await playRight(implementation, context, large));
      const unbuffered = (message: Message) => inSmall.get(keyOf(message)) !== inLarge.get(keyOf(message));
      const mesh = { unbuffered, idleMs: Math.min(5_000, context.limitMs) };
      await playRight(
        implementation,
        context,
        large,
        { mesh },
        'a run in which the wire holds no long message',
      );
    },
  },
  {
    name: 'gives the same transcript for the same seed',
    skip: ({ unseeded }) => unseeded,
    async run(implementation, context) {
      const sets = smallCase('seeded');
      const first = await playRight(implementation, context, sets, { seed: 'one' });
      const second = await playRight(implementation, context, sets, { seed: 'one' });
      const difference = compareTranscripts(first, second, ({ bytes }) => Buffer.from(bytes).toString('hex'));
      require(difference === undefined, `two runs with the same seed differ: ${difference}`);
    },
  },
  {
    name: 'gives another transcript for another seed',
    skip: (implementation) =>
      implementation.security.private ? skipStreams(implementation) : 'it is declared not private',
    async run(implementation, context) {
      const sets = smallCase('seeded');
      const first = await playRight(implementation, context, sets, { seed: 'one' });
      const second = await playRight(implementation, context, sets, { seed: 'two' });
      const difference = compareTranscripts(first, second, ({ bytes }) => Buffer.from(bytes).toString('hex'));
      require(difference !==
        undefined, 'two runs with different seeds have the same transcript: nothing in it is random');
    },
  },
  {
    name: 'sends messages whose sizes do not depend on the overlap',
    skip: skipStreams,
    async run(implementation, context) {
      const sizes = { receiver: scaled(context, 14, 4), sender: scaled(context, 20, 6) };
      let first: Play | undefined;
      for (const hits of [0, sizes.receiver >> 1, sizes.receiver]) {
        const sets = randomCase(`overlap ${hits}`, sizes, hits);
        const run = await playRight(implementation, context, sets, {}, `a run with ${hits} items in common`);
        first ??= run;
        const difference = compareTranscripts(first, run, (message) => `${message.bytes.length} bytes long`);
        require(difference ===
          undefined, `runs with no item and with ${hits} items in common differ: ${difference}`);
      }
    },
  },
  {
    name: 'sends messages whose sizes do not depend on the length of items',
    skip: skipStreams,
    async run(implementation, context) {
      const count = scaled(context, 12, 4);
      const sized = (label: string, length: number) =>
        caseOf(items(`${label} receiver`, count, length), items(`${label} sender`, count, length));
      const short = await playRight(
        implementation,
        context,
        sized('short', 8),
        {},
        'a run with items of 8 bytes',
      );
      const long = await playRight(
        implementation,
        context,
        sized('long', 200),
        {},
        'a run with items of 200 bytes',
      );
      const difference = compareTranscripts(short, long, (message) => `${message.bytes.length} bytes long`);
      require(difference === undefined, `runs with items of 8 and of 200 bytes differ: ${difference}`);
    },
  },
  {
    name: 'counts the same flights whatever the timing',
    skip: skipStreams,
    async run(implementation, context) {
      const sets = smallCase('flights');
      const steady = await playRight(implementation, context, sets);
      for (const seed of ['a', 'b', 'c', 'd']) {
        const mesh = { jitter: seededRandom(seed) };
        const delayed = await playRight(
          implementation,
          context,
          sets,
          { mesh },
          'a run with delayed messages',
        );
        const difference = compareTranscripts(steady, delayed, ({ flight }) => `of flight ${flight}`);
        require(difference ===
          undefined, `when messages are delayed, flights differ: ${difference}; send through openFlight() what waits for nothing`);
      }
    },
  },
  {
    name: 'tells flights of all messages that wait for others',
    skip: skipEnds,
    async run(implementation, context) {
      const { receiver, sender } = smallCase('waiting');
      let hidden: Message | undefined;
      // What still computes elsewhere, in a worker say, only seems to wait: then it is given more time.
      for (const stillMs of STILL_MS) {
        const { transcript } = await playIn(implementation, context, { receiver, sender, mesh: { stillMs } });
        hidden = transcript.find(({ flight, after }) => after >= flight);
        if (hidden === undefined) return;
      }
      const { from, to, index, phase, flight, after } = hidden as Message;
      require(false, `message ${index + 1} from the ${from} to the ${to} is of flight ${flight} of ${phase}, and was sent only when one of flight ${after} had been received, held back as that was: open its flight after what it waits for`);
    },
  },
];

/** For so long nothing may move before what was sent is let go. */
const STILL_MS = [16, 160, 800];

/** No limit on a message may exceed this when the sets are tiny: fixed-size keys are a few MiB at most. */
const MOST_AT_THESE_SIZES = 2 ** 26;

function smallCase(label: string) {
  return randomCase(label, { receiver: 9, sender: 7 }, 3);
}

/** Plays a small run and throws if there are violations of `kind`, even if the run broke down over them. */
async function requireNone(
  implementation: Implementation,
  context: Context,
  kind: Play['violations'][number]['kind'],
): Promise<void> {
  const { receiver, sender } = smallCase(kind);
  const run = await playIn(implementation, context, { receiver, sender });
  const found = run.violations.filter((violation) => violation.kind === kind);
  require(found.length === 0, found.map(({ what }) => what).join('; '));
}

function keyOf({ from, to, index }: Message): string {
  return `${from} ${to} ${index}`;
}

function lengthsByMessage(run: Play): Map<string, number> {
  return new Map(run.transcript.map((message) => [keyOf(message), message.bytes.length]));
}

/**
 * Compares two transcripts message by message and direction by direction, by phase and by what `show`
 * makes of a message. Messages of different directions have no order between them. Returns the first
 * difference in words, or `undefined`.
 */
function compareTranscripts(a: Play, b: Play, show: (message: Message) => string): string | undefined {
  const [ofA, ofB] = [a, b].map((run) => new Map(run.transcript.map((m) => [keyOf(m), m]))) as [
    Map<string, Message>,
    Map<string, Message>,
  ];
  for (const key of new Set([...ofA.keys(), ...ofB.keys()])) {
    const [one, other] = [ofA.get(key), ofB.get(key)];
    const [from, to, index] = key.split(' ');
    const where = `message ${Number(index) + 1} from the ${from} to the ${to}`;
    if (one === undefined || other === undefined) return `only one run has ${where}`;
    if (one.phase !== other.phase)
      return `${where} belongs to ${one.phase} in one run, to ${other.phase} in the other`;
    const [shownOne, shownOther] = [show(one), show(other)];
    if (shownOne !== shownOther)
      return `${where} is ${shorten(shownOne)} in one run, ${shorten(shownOther)} in the other`;
  }
  return undefined;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
