import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhasePlay } from './parties.ts';
import { violationOf } from './physics.ts';

const SOUND = { wallMs: 100, spanMs: 110, cpuMs: 50, receivedBytes: 10, receivedMessages: 1 };

/** A phase in which the receiver sends 10 bytes in one message, all of it as it should be. */
function phase(change: Partial<typeof SOUND> = {}): PhasePlay {
  const play = { ...SOUND, ...change };
  const usage = {
    phase: 'online',
    doneAt: 0,
    endedAt: 0,
    cpuSystemMs: 0,
    peakBytes: null,
    children: 0,
    flights: 1,
    receivedFlights: 1,
    steps: {},
  } as const;
  const none = { sentBytes: 0, receivedBytes: 0, sentMessages: 0, receivedMessages: 0 };
  return {
    phase: 'online',
    wallMs: play.wallMs,
    spanMs: play.spanMs,
    parties: new Map([
      [
        'receiver',
        { ...usage, cpuUserMs: play.cpuMs, traffic: { sender: { ...none, sentBytes: 10, sentMessages: 1 } } },
      ],
      [
        'sender',
        {
          ...usage,
          cpuUserMs: 0,
          traffic: {
            receiver: { ...none, receivedBytes: play.receivedBytes, receivedMessages: play.receivedMessages },
          },
        },
      ],
    ]),
  };
}

test('physics: a sound run passes; bytes, messages, clocks and CPU time that cannot be do not', () => {
  assert.equal(violationOf([phase()], 2), undefined);
  const broken = (change: Partial<typeof SOUND>) => violationOf([phase(), phase(change)], 2) ?? 'nothing';
  assert.match(broken({ receivedBytes: 9 }), /the receiver sent 10 bytes .* to the sender, which received 9/);
  assert.match(broken({ receivedMessages: 2 }), /in 1 messages .* received 10 in 2/);
  assert.match(broken({ wallMs: -1 }), /clocks of the processes disagree/);
  assert.match(broken({ spanMs: 50 }), /clocks/);
  assert.match(broken({ cpuMs: 300 }), /300 ms of CPU in 110 ms on 2 cores/);
});
