import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { TagFilter } from './tag-filter.ts';

const tagsOf = (bytes: Uint8Array, width: number) =>
  Array.from({ length: bytes.length / width }, (_, i) =>
    Buffer.from(bytes.subarray(i * width, (i + 1) * width)).toString('hex'),
  );

for (const width of [5, 7, 8, 10, 11, 16]) {
  test(`width ${width}: own tags pass, in order, and few others`, () => {
    for (const count of [0, 1, 100, 30_000]) {
      const own = randomBytes(count * width);
      const others = randomBytes(4_000 * width);
      // Every second one of the sender's is one of the own.
      const mixed = Buffer.from(others);
      for (let i = 0; i < 4_000 && count > 0; i += 2) {
        const at = (i % count) * width;
        mixed.set(own.subarray(at, at + width), i * width);
      }
      const filter = new TagFilter(new WorkingMemory(), own, width);
      const set = new Set(tagsOf(own, width));
      const likely = tagsOf(filter.likely(mixed), width);
      const given = tagsOf(mixed, width);
      assert.deepEqual(
        likely.filter((tag) => set.has(tag)),
        given.filter((tag) => set.has(tag)),
      );
      // Of the strangers one in sixteen passes on average.
      const strangers = given.filter((tag) => !set.has(tag)).length;
      const passed = likely.filter((tag) => !set.has(tag)).length;
      assert.ok(passed <= strangers / 16 + 5 * Math.sqrt(strangers / 16), `${passed} of ${strangers}`);
    }
  });
}
