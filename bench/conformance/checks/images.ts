/**
 * Does anything that crosses the wire depend on an item alone? Whoever can compute such an image, or
 * compare two runs, learns about items. Runs with fresh randomness that share some items are compared
 * with runs that share none: what all of the former have and none of the latter is an image.
 */
import { createHash } from 'node:crypto';
import type { Implementation, Role } from '../../contract.ts';
import { rolesOf } from '../../terms.ts';
import { type Check, type Context, playRight, require } from '../context.ts';
import type { Message } from '../memory-channel.ts';
import { caseOf, items } from '../sets.ts';
import { common, windowsOf, windowsSent, windowToHex, without } from './windows.ts';

/** Items per set: with 16 a tag of 40 + log2(16 · 16) = 48 bits is one window. */
const SET_SIZE = 16;
/** Runs that a suspicious window must survive, each beside a run which it must be absent from. */
const CONFIRMATIONS = 8;

export const imageChecks: readonly Check[] = [
  {
    name: 'puts no image of an item on the wire',
    skip: ({ security }) => (security.private ? undefined : 'it is declared not private'),
    async run(implementation, context) {
      const image = await findImage(implementation, context);
      require(image === undefined, image === undefined
        ? ''
        : `runs that share items have the bytes ${image.hex} in common (${image.from} to ${image.to}), other runs do not: ` +
            'they are an image of an item, and the implementation declares itself private');
    },
  },
  {
    name: 'puts no item and no plain hash of one on the wire',
    skip: ({ security }) => (security.private ? undefined : 'it is declared not private'),
    async run(implementation, context) {
      const set = caseFor('plain', 'plain');
      const { transcript } = await playRight(implementation, context, set.case);
      const found = findPlainImage(transcript, set.all);
      require(found ===
        undefined, `${found} of an item is on the wire, and the implementation declares itself private`);
    },
  },
  {
    name: 'has an image of an item on the wire, being declared not private',
    skip: ({ security }, { isDefault }) => {
      if (security.private) return 'it is declared private';
      return isDefault ? undefined : 'options differ from the defaults, and may hide images from comparison';
    },
    async run(implementation, context) {
      require((await findImage(implementation, context)) !==
        undefined, 'no image of an item was found on the wire: if there is none, declare it private');
    },
  },
];

interface Direction {
  readonly from: Role;
  readonly to: Role;
}

interface Image extends Direction {
  readonly hex: string;
}

/**
 * Three kinds of items are shared between runs: one that both parties have, one that only the receiver
 * has and one that only the sender has. Each has the same place in its set in all runs, so that an image
 * which depends on the place is found as well.
 */
function caseFor(label: string, sharedLabel: string) {
  const [both, ofReceiver, ofSender] = items(`shared ${sharedLabel}`, 3) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const receiver = [both, ofReceiver, ...items(`rest of the receiver ${label}`, SET_SIZE - 2)];
  const sender = [both, ofSender, ...items(`rest of the sender ${label}`, SET_SIZE - 2)];
  return { case: caseOf(receiver, sender), all: [...receiver, ...sender] };
}

async function findImage(implementation: Implementation, context: Context): Promise<Image | undefined> {
  let runs = 0;
  const transcriptOf = async (sharedLabel: string) => {
    const sets = caseFor(`run ${runs++}`, sharedLabel);
    // No seed: two runs must have nothing in common but their items.
    return (await playRight(implementation, context, sets.case)).transcript;
  };
  const sharing = () => transcriptOf('in all of these');
  const other = () => transcriptOf(`in run ${runs} alone`);

  const suspects = new Map<Direction, Float64Array>();
  const [first, second] = [await sharing(), await sharing()];
  for (const direction of directionsOf(implementation)) {
    suspects.set(direction, common(windowsSent(first, direction), windowsSent(second, direction)));
  }
  // Constants are left over, and by chance small counters and the like: let chance try again and again.
  for (let round = 0; round < CONFIRMATIONS; round++) {
    if ([...suspects.values()].every((windows) => windows.length === 0)) return undefined;
    const [again, stranger] = [await sharing(), await other()];
    for (const [direction, windows] of suspects) {
      if (windows.length === 0) continue;
      const remaining = common(windows, windowsSent(again, direction));
      suspects.set(direction, without(remaining, windowsSent(stranger, direction)));
    }
  }
  for (const [{ from, to }, windows] of suspects) {
    if (windows.length > 0) return { hex: windowToHex(windows[0]!), from, to };
  }
  return undefined;
}

function directionsOf(implementation: Implementation): Direction[] {
  const roles = rolesOf(implementation);
  return roles.flatMap((from) => roles.filter((to) => to !== from).map((to) => ({ from, to })));
}

/** Names what of an item is in the transcript: its own bytes, or the beginning of a hash of it. */
function findPlainImage(transcript: readonly Message[], all: readonly Uint8Array[]): string | undefined {
  const wire = windowsOf(Buffer.concat(transcript.map((message) => message.bytes)));
  const names = new Map<number, string>();
  for (const item of all) {
    for (const window of windowsOf(item)) names.set(window, 'a piece');
    for (const hash of ['md5', 'sha1', 'sha256', 'sha512', 'sha3-256', 'blake2b512']) {
      const digest = createHash(hash).update(item).digest();
      for (const window of windowsOf(digest)) names.set(window, `the ${hash} digest`);
    }
  }
  const found = common(Float64Array.from(names.keys()).sort(), wire);
  return found.length === 0 ? undefined : names.get(found[0]!);
}
