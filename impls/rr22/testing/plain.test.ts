import { test } from 'node:test';
import { compareTranscripts } from './compare-transcripts.ts';

test('the plain implementation and this one send the same bytes with the same seed', async () => {
  for (const [receivers, senders] of [
    [1, 1],
    [0, 2],
    [2, 0],
    [40, 7],
    [5, 60],
    [150, 200],
  ] as const) {
    await compareTranscripts(receivers, senders);
  }
});
