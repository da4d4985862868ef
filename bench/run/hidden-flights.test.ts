import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hiddenFlights, unexplainedMs } from './hidden-flights.ts';
import type { PhasePlay } from './parties.ts';

const LINK = { bandwidthBps: 100e6, rttMs: 20 };

/** 100 ms in which 2 flights, 125 kB and 30 ms of computing take 20, 10 and 30 ms. */
const PHASE = {
  phase: 'online',
  wallMs: 100,
  spanMs: 110,
  parties: new Map([
    [
      'receiver',
      {
        ...{ doneAt: 0, endedAt: 0, cpuUserMs: 20, cpuSystemMs: 5, peakBytes: null, children: 0, steps: {} },
        ...{ flights: 2, receivedFlights: 2 },
        traffic: { sender: { sentBytes: 100_000, receivedBytes: 0, sentMessages: 1, receivedMessages: 0 } },
      },
    ],
    [
      'sender',
      {
        ...{ doneAt: 0, endedAt: 0, cpuUserMs: 5, cpuSystemMs: 0, peakBytes: null, children: 0, steps: {} },
        ...{ flights: 2, receivedFlights: 1 },
        traffic: { receiver: { sentBytes: 25_000, receivedBytes: 0, sentMessages: 1, receivedMessages: 0 } },
      },
    ],
  ]),
} as PhasePlay;

test('what flights, bytes and computing do not explain is left; the start has a clock of its own', () => {
  assert.ok(Math.abs(unexplainedMs([PHASE], LINK) - 40) < 1e-9);
  assert.equal(unexplainedMs([{ ...PHASE, phase: 'start' }], LINK), 0);
});

test('a latency that was not counted is found only where every run waited for it', () => {
  assert.match(hiddenFlights([11, 12, 40], LINK) ?? '', /each of 3 runs waited at least 11 ms/);
  assert.equal(hiddenFlights([8, 12, 40], LINK), null);
  assert.equal(hiddenFlights([40, 40], LINK), null, 'two may have been unlucky');
  assert.equal(hiddenFlights([4, 4, 4], { ...LINK, rttMs: 1 }), null, 'so short a wait is the scheduler');
});

test('beside others a run waits for a core too: nothing is said', () => {
  assert.equal(hiddenFlights([50, 60, 70], LINK, 0.5), null);
  assert.match(hiddenFlights([50, 60, 70], LINK, 0.05) ?? '', /waited/);
});
