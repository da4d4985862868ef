/** Wrong declarations and wrong results. */
import { itemAt } from '../../../impls/primitives/items.ts';
import type { Implementation } from '../../contract.ts';
import { type Wrong, withImage, withReading, withResult, withSending, wrong } from './parts.ts';
import { baseline, baselineReceiver, baselineSender, receiveExactly, TAG_BYTES, tag } from './right.ts';

export const wrongDeclarations: readonly Wrong[] = [
  wrong('no-references', 'declares itself completely', /"references"/, { references: [] }),
  wrong('no-leak', 'declares what it claims of security', /who learns what/, {
    security: { ...baseline.security, learns: {} },
  }),
  wrong('third-party-in-words', 'declares what it is, so that claims can count it right', /must be one of/, {
    kind: 'Trusted third party' as Implementation['kind'],
  }),
  wrong(
    'private-and-open',
    'declares what it is, so that claims can count it right',
    /open means not private/,
    {
      kind: 'cryptography',
    },
  ),
  wrong(
    'enclave-of-nothing',
    'declares what it is, so that claims can count it right',
    /"hardware" is absent/,
    {
      kind: 'enclave',
      security: { ...baseline.security, private: true },
    },
  ),
  wrong('bad-default', 'declares options with valid defaults', /"bits" has the default 1, outside 40 to 80/, {
    options: { bits: { description: 'tag length', type: 'number', min: 40, max: 80, default: 1 } },
  }),
  wrong('bad-estimate', 'says whether it can run, what does the work and what it costs', /wallMs = NaN/, {
    estimate: ({ receiver }) => ({ wallMs: Math.log2(receiver) * receiver }),
  }),
];

export const wrongResults: readonly Wrong[] = [
  wrong('refuses-empty', 'finds nothing when a set is empty', /no items to work on/, {
    ...withSending(async (session, items) => {
      if (items.count === 0) throw new Error('there are no items to work on');
      await baselineSender(session).online(items);
    }),
  }),
  wrong('drops-last', 'handles sets of one item', /missed: 0/, {
    ...withResult((result, session) => result.filter((index) => index !== session.sizes.receiver - 1)),
  }),
  wrong('short-tags', 'finds nothing in disjoint sets', /not shared/, {
    // Four bits of the digest decide.
    ...withImage((item) =>
      tag(item)
        .slice(0, 1)
        .repeat(2 * TAG_BYTES),
    ),
  }),
  wrong('ten-hits', 'finds everything in equal sets, more than ten items', /missed: 10, 11/, {
    ...withResult((result) => result.subarray(0, 10)),
  }),
  wrong('balanced-only', 'handles unbalanced sets, both ways', /failed in online/, {
    ...withReading((session) =>
      receiveExactly(session.channel('sender'), session.sizes.receiver * TAG_BYTES),
    ),
  }),
  wrong('whole-lanes', 'handles sets of many sizes', /missed/, {
    ...withResult((result, { sizes }) =>
      sizes.receiver < 8 ? result : result.filter((index) => index < sizes.receiver - (sizes.receiver % 8)),
    ),
  }),
  wrong('no-empty-item', 'takes the empty item for an item', /missed: 1/, {
    receiver: (session) => ({
      online: async (items) =>
        (await baselineReceiver(session).online(items)).filter((index) => itemAt(items, index).length > 0),
    }),
  }),
  wrong(
    'zero-padded',
    'tells items apart that are prefixes or concatenations of others',
    /trailing zero.*not shared/,
    {
      ...withImage((item) =>
        tag(item.length < 16 ? Buffer.concat([item, new Uint8Array(16 - item.length)]) : item),
      ),
    },
  ),
  wrong('text', 'treats items as bytes, not as text', /invalid UTF-8.*not shared/, {
    ...withImage((item) => tag(Buffer.from(Buffer.from(item).toString('utf8')))),
  }),
  wrong('first-256-bytes', 'handles items of 1 KiB', /differ in one byte.*not shared/, {
    ...withImage((item) => tag(item.subarray(0, 256))),
  }),
  wrong('unsorted', 'finds every hit among many, in ascending order', /not ascending/, {
    ...withResult((result) => result.slice().reverse()),
  }),
  wrong('twice', 'finds every hit among many, in ascending order', /twice/, {
    ...withResult((result) => Uint32Array.from([...result].flatMap((index) => [index, index]))),
  }),
  wrong('array', 'finds every hit among many, in ascending order', /of type Array, not a Uint32Array/, {
    ...withResult((result) => [...result] as unknown as Uint32Array),
  }),
  wrong(
    'whole-buffer',
    'reads sets that are views or lie in shared memory, and leaves them as they are',
    /views/,
    {
      receiver: (session) => ({
        online: (items) =>
          baselineReceiver(session).online({ ...items, data: new Uint8Array(items.data.buffer) }),
      }),
    },
  ),
  wrong(
    'wipes-items',
    'reads sets that are views or lie in shared memory, and leaves them as they are',
    /changed/,
    {
      receiver: (session) => ({
        async online(items) {
          const result = await baselineReceiver(session).online(items);
          items.data.fill(0);
          return result;
        },
      }),
    },
  ),
  wrong(
    'counts-one-more',
    'gives every output that it declares, and nothing on the wire tells more',
    /the result is 1, not 0/,
    {
      outputs: ['intersection', 'cardinality'],
      receiver: (session) => ({
        online: async (items) => (await baselineReceiver(session).online(items)).length + 1,
      }),
    },
  ),
  wrong('keeps-tags', 'is right again and again in the same processes', /run 2 of the same processes/, {
    receiver: (session) => ({
      async online(items) {
        const result = await baselineReceiver(session).online(items);
        if (!session.kept.has('result')) session.kept.set('result', result);
        return session.kept.get('result') as Uint32Array;
      },
    }),
  }),
  wrong('lazy-thread', 'finds the same with more threads', /2 threads.*missed/, {
    threads: true,
    ...withResult((result, { threads }) => result.subarray(0, Math.ceil(result.length / threads))),
  }),
];
