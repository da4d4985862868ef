/** Checks of results: what the receiver finds must be the intersection, whatever the items look like. */
import { MAX_ITEMS } from '../../terms.ts';
import { type Check, type Context, playRight, require, scaled } from '../context.ts';
import { type Case, caseOf, items, randomCase } from '../sets.ts';

type Cases = (context: Context) => Iterable<readonly [string, Case]>;

function resultCheck(name: string, cases: Cases): Check {
  return {
    name,
    async run(implementation, context) {
      const largest = { receiver: MAX_ITEMS, sender: MAX_ITEMS, ...implementation.limits };
      let played = 0;
      for (const [what, sets] of cases(context)) {
        if (sets.receiver.count > largest.receiver || sets.sender.count > largest.sender) continue;
        await playRight(implementation, context, sets, {}, what);
        played++;
      }
      require(played > 0, `the declared limits admit none of the sets of the check "${name}"`);
    },
  };
}

const bytes = (...values: number[]) => Uint8Array.from(values);

export const resultChecks: readonly Check[] = [
  resultCheck('finds nothing when a set is empty', () => [
    ['both empty', caseOf([], [])],
    ['an empty receiver', caseOf([], ['a', 'b', 'c'])],
    ['an empty sender', caseOf(['a', 'b', 'c'], [])],
  ]),
  resultCheck('handles sets of one item', () => [
    ['one item, shared', caseOf(['a'], ['a'])],
    ['one item each', caseOf(['a'], ['b'])],
  ]),
  resultCheck('finds nothing in disjoint sets', (context) => {
    const size = scaled(context, 24, 4);
    return [['disjoint sets', randomCase('disjoint', { receiver: size, sender: size }, 0)]];
  }),
  resultCheck('finds everything in equal sets, more than ten items', (context) => {
    const size = scaled(context, 40, 12);
    return [['equal sets', randomCase('equal', { receiver: size, sender: size }, size)]];
  }),
  resultCheck('handles unbalanced sets, both ways', (context) => {
    const size = scaled(context, 50, 8);
    return [
      ['many against one', randomCase('many one', { receiver: size, sender: 1 }, 1)],
      ['one against many', randomCase('one many', { receiver: 1, sender: size }, 1)],
      ['many against two', randomCase('many two', { receiver: size, sender: 2 }, 1)],
      ['three against many', randomCase('three many', { receiver: 3, sender: size }, 2)],
    ];
  }),
  resultCheck('handles sets of many sizes', (context) => {
    // Around the lane counts and block sizes of vectorised code.
    const sizes = [2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33].slice(0, scaled(context, 13, 4));
    return sizes.map((n, i) => {
      const other = sizes[(i * 5 + 3) % sizes.length]!;
      const hits = Math.min(n, other) >> 1;
      return [
        `${n} against ${other}`,
        randomCase(`sizes ${n}`, { receiver: n, sender: other }, hits),
      ] as const;
    });
  }),
  resultCheck('takes the empty item for an item', () => [
    ['the empty item in both', caseOf(['a', '', 'b'], ['', 'c'])],
    ['the empty item with the receiver alone', caseOf(['', 'a'], ['a', 'b'])],
    ['the empty item with the sender alone', caseOf(['a', 'b'], ['b', ''])],
    ['nothing but the empty item', caseOf([''], [''])],
  ]),
  resultCheck('tells items apart that are prefixes or concatenations of others', () => [
    ['prefixes', caseOf(['a', 'aa', 'aaa', 'aaaa'], ['aa', 'aaaaa', 'aaaa'])],
    ['the same bytes cut elsewhere', caseOf(['ab', 'c', 'abc'], ['a', 'bc', 'abcc'])],
    [
      'trailing zero bytes',
      caseOf([bytes(0), bytes(0, 0), 'a', 'a\0'], [bytes(0, 0), bytes(0, 0, 0), 'a\0\0', 'a']),
    ],
    [
      'leading zero bytes',
      caseOf([bytes(0, 1), bytes(1), bytes(2)], [bytes(1), bytes(0, 0, 1), bytes(0, 2)]),
    ],
  ]),
  resultCheck('treats items as bytes, not as text', () => [
    // A decoder turns each of the receiver's into U+FFFD, whose own bytes the sender has.
    [
      'invalid UTF-8',
      caseOf([bytes(0xff), bytes(0xfe), bytes(0xc3, 0x28), bytes(0x80)], ['\ufffd', bytes(0xfe)]),
    ],
    ['upper and lower case', caseOf(['a', 'B'], ['A', 'B'])],
    ['white space', caseOf(['a', ' b', 'c\n'], ['a ', 'b', 'c\n'])],
    ['normal forms', caseOf(['\u00e9', 'e\u0301'], ['e\u0301'])],
    ['a byte order mark', caseOf(['a', '\ufeffb'], ['\ufeffa', '\ufeffb'])],
    ['numbers', caseOf(['1', '01', '1.0'], ['1.0', '1e0'])],
  ]),
  resultCheck('handles items of 1 KiB', () => {
    const [a, b, c, d] = items('long', 4, 1024) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const flipped = (item: Uint8Array, at: number) => item.map((byte, i) => (i === at ? byte ^ 1 : byte));
    return [
      ['items of 1 KiB', caseOf([a, b, c], [d, c, a])],
      [
        'items of 1 KiB that differ in one byte',
        caseOf([a, b, c], [flipped(a, 1023), flipped(b, 0), flipped(c, 512), b]),
      ],
      ['long items among short ones', caseOf([a, 'a', '', b], ['b', b, 'a'])],
    ];
  }),
  resultCheck('finds every hit among many, in ascending order', (context) => {
    const size = scaled(context, 64, 24);
    const hits = (size * 3) >> 2;
    return [['many hits', randomCase('many hits', { receiver: size, sender: size }, hits)]];
  }),
  {
    name: 'reads sets that are views or lie in shared memory, and leaves them as they are',
    async run(implementation, context) {
      const plain = randomCase('memory', { receiver: 9, sender: 9 }, 5);
      for (const [what, place] of [
        ['sets that are views into larger buffers', (length: number) => new ArrayBuffer(length)],
        ['sets in shared memory', (length: number) => new SharedArrayBuffer(length)],
      ] as const) {
        const moved = {
          receiver: moveSet(plain.receiver, place),
          sender: moveSet(plain.sender, place),
          expected: plain.expected,
        };
        await playRight(implementation, context, moved, {}, what);
        for (const role of ['receiver', 'sender'] as const) {
          const same =
            Buffer.compare(moved[role].data, plain[role].data) === 0 &&
            moved[role].offsets.every((offset, i) => offset === plain[role].offsets[i]);
          require(same, `${what}: the run changed the ${role}'s items`);
        }
      }
    },
  },
  {
    name: 'finds the same with more threads',
    skip: (implementation) => (implementation.threads === true ? undefined : 'it declares no threads'),
    async run(implementation, context) {
      const size = scaled(context, 33, 5);
      for (const threads of [1, 2, 3]) {
        const sets = randomCase(`threads ${threads}`, { receiver: size, sender: size }, size >> 1);
        await playRight(implementation, context, sets, { threads }, `a run with ${threads} threads`);
      }
    },
  },
];

/** The same set, `data` and `offsets` being views that begin within larger buffers of other bytes. */
function moveSet(set: Case['receiver'], place: (length: number) => ArrayBufferLike): Case['receiver'] {
  const data = new Uint8Array(place(set.data.length + 32)).fill(0xa5).subarray(13, 13 + set.data.length);
  data.set(set.data);
  const offsets = new Uint32Array(place((set.count + 9) * 4)).fill(0xa5a5a5).subarray(5, 5 + set.count + 1);
  offsets.set(set.offsets);
  return { count: set.count, data, offsets };
}
