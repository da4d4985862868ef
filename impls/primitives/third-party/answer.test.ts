import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerLength, decodeAnswer, encodeAnswer } from './answer.ts';
import { bitmapOf } from './bitmap.ts';

test('answers: what was shared comes back as the output has it, in its length', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 300 }),
      fc.integer({ min: 1, max: 300 }),
      (flags, atLeast) => {
        const indices = Uint32Array.from(flags.flatMap((shared, i) => (shared ? [i] : [])));
        const bitmap = bitmapOf(indices, flags.length);
        for (const [output, expected] of [
          [{ kind: 'intersection' }, indices],
          [{ kind: 'cardinality' }, indices.length],
          [{ kind: 'threshold', atLeast }, indices.length >= atLeast],
        ] as const) {
          const answer = encodeAnswer(output, bitmap);
          assert.equal(answer.length, answerLength(output, flags.length));
          assert.deepEqual(decodeAnswer(output, answer, flags.length), expected);
        }
      },
    ),
  );
});

test('answers that cannot be are refused', () => {
  assert.throws(
    () => decodeAnswer({ kind: 'cardinality' }, Uint8Array.of(0, 0, 0, 4), 3),
    /cannot be the cardinality of 3/,
  );
  assert.throws(
    () => decodeAnswer({ kind: 'threshold', atLeast: 1 }, Uint8Array.of(2), 3),
    /cannot be the threshold/,
  );
});
