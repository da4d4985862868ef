import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhasePlay } from '../run/parties.ts';
import { type ShapedRun, violationOf } from '../run/physics.ts';
import {
  BARE_LOOPBACK,
  calibrationFault,
  describeProfiles,
  type Link,
  lateFault,
  measuredLink,
  PROFILES,
  parseNetworks,
  physicalBound,
} from './index.ts';

test('--net: names and definitions, the bare loopback first, each once', () => {
  assert.deepEqual(parseNetworks('wan, none,lan,wan'), [
    { name: 'none', link: null },
    { name: 'wan', link: { bandwidthBps: 100e6, rttMs: 20 } },
    { name: 'lan', link: { bandwidthBps: 1e9, rttMs: 0.2 } },
  ]);
  // Equal links are one cell, however they are written.
  assert.deepEqual(parseNetworks('1000kbit/5ms-rtt,1Mbit/5.0ms-rtt,2.5gbit/0ms-rtt'), [
    { name: '1mbit/5ms-rtt', link: { bandwidthBps: 1e6, rttMs: 5 } },
    { name: '2.5gbit/0ms-rtt', link: { bandwidthBps: 2.5e9, rttMs: 0 } },
  ]);
  assert.equal(
    describeProfiles(),
    'lan (1 Gbit/s, 0.2 ms RTT), wan (100 Mbit/s, 20 ms RTT), mobile (10 Mbit/s, 80 ms RTT)',
  );
});

for (const [word, message] of [
  ['wam', /unknown network "wam"\. Did you mean "wan"\?/],
  ['10ms', /bandwidth and round-trip time, as 100mbit\/20ms-rtt/],
  ['100mbit/20ms', /unknown network/],
  ['', /unknown network/],
  ['1bit/1ms-rtt', /unknown network/],
  ['0.5kbit/1ms-rtt', /between 1kbit and 100gbit/],
  ['101gbit/1ms-rtt', /between 1kbit and 100gbit/],
  ['1mbit/10001ms-rtt', /at most 10000ms/],
  ['toString', /unknown network/],
] as const) {
  test(`--net ${word || '(empty)'}: refused in one line`, () => {
    assert.throws(() => parseNetworks(word), { name: 'UsageError', message });
  });
}

test('calibration: within 5 %, and 1 ms of the round-trip time, or a warning that names what is off', () => {
  const facts = (bandwidth: number, rtt: number) => ({
    ...PROFILES.wan,
    measuredBandwidthBps: bandwidth,
    measuredRttMs: rtt,
  });
  assert.equal(calibrationFault('wan', facts(95.1e6, 21.9)), null);
  assert.equal(calibrationFault('wan', facts(104.9e6, 18.1)), null);
  assert.match(
    calibrationFault('wan', facts(94e6, 20))!,
    /asked in bandwidth: asked 100 Mbit\/s, .* got 94 /,
  );
  assert.match(calibrationFault('wan', facts(100e6, 22.1))!, /in round-trip time: .* got .*22\.1 ms RTT/);
  assert.match(calibrationFault('wan', facts(90e6, 17.9))!, /bandwidth and round-trip time/);
  assert.deepEqual(measuredLink(facts(90e6, 22)), { bandwidthBps: 90e6, rttMs: 22 });
  assert.equal(measuredLink(BARE_LOOPBACK), null);
  assert.equal(lateFault('wan', 0.05), null);
  assert.match(lateFault('wan', 0.12)!, /network wan: 12 % of the bytes left the link more than 1 ms late/);
  assert.deepEqual(physicalBound(facts(90e6, 22)), { bandwidthBps: 105e6, rttMs: 19 });
  assert.equal(physicalBound(BARE_LOOPBACK), null);
});

/** 1,000,000 bytes to the receiver, 1000 back, in 3 flights, the last of them to the receiver. */
const SOUND = { wallMs: 115, spanMs: 130, toReceiver: 1_000_000, toSender: 1000, flights: 3, received: 3 };
const LINK: Link = { bandwidthBps: 80e6, rttMs: 10 };

function phase(name: 'setup' | 'online', change: Partial<typeof SOUND> = {}): PhasePlay {
  const play = { ...SOUND, ...change };
  const common = {
    phase: name,
    doneAt: 0,
    endedAt: 0,
    cpuUserMs: 1,
    cpuSystemMs: 1,
    peakBytes: null,
    children: 0,
    steps: {},
  };
  const ends = (sentBytes: number, receivedBytes: number) => ({
    sentBytes,
    receivedBytes,
    sentMessages: 1,
    receivedMessages: 1,
  });
  return {
    phase: name,
    wallMs: play.wallMs,
    spanMs: play.spanMs,
    parties: new Map([
      [
        'receiver',
        {
          ...common,
          flights: play.flights,
          receivedFlights: play.received,
          traffic: { sender: ends(play.toSender, play.toReceiver) },
        },
      ],
      [
        'sender',
        {
          ...common,
          flights: play.flights,
          receivedFlights: 2,
          traffic: { receiver: ends(play.toReceiver, play.toSender) },
        },
      ],
    ]),
  };
}

/** The violation of a run of one phase, or 'nothing'. */
function violation(
  name: 'setup' | 'online',
  change: Partial<typeof SOUND>,
  carried: ShapedRun['carried'] = null,
): string {
  return violationOf([phase(name, change)], 2, { bound: LINK, carried }) ?? 'nothing';
}

test('physics: nothing arrives sooner than the bandwidth allows', () => {
  assert.equal(violation('online', {}), 'nothing');
  assert.equal(violation('setup', {}), 'nothing');
  const toReceiver =
    /1000000 bytes reached the receiver from the sender in 99 ms; over .*80 Mbit\/s.* 100 ms$/;
  assert.match(violation('online', { wallMs: 99 }), toReceiver);
  // A direction's bytes are its own: the sum of both may be faster.
  assert.equal(violation('online', { toSender: 1_000_000 }), 'nothing');
  // What the sender received after the receiver was done is no part of the receiver's clock, …
  assert.equal(violation('online', { toReceiver: 10, wallMs: 20, toSender: 1_000_000 }), 'nothing');
  // … but it cannot have come sooner than that either.
  const late = { toReceiver: 10, wallMs: 20, spanMs: 99, toSender: 1_000_000 };
  assert.match(violation('online', late), /reached the sender from the receiver in 99 ms/);
  assert.match(violation('setup', { ...late, spanMs: 130 }), /reached the sender from the receiver in 20 ms/);
});

test('physics: no flight is shorter than half a round trip', () => {
  const small = { toReceiver: 10, toSender: 10 };
  assert.equal(violation('online', { ...small, wallMs: 15 }), 'nothing');
  assert.match(
    violation('online', { ...small, wallMs: 14.9 }),
    /3 flights, one after the other, in 14\.9 ms.* 15 ms$/,
  );
  // A last message by the receiver need not have arrived when the receiver is done.
  const last = { ...small, flights: 4, received: 3, wallMs: 15 };
  assert.equal(violation('online', { ...last, spanMs: 20 }), 'nothing');
  assert.match(violation('online', { ...last, spanMs: 19 }), /4 flights, .* in 19 ms.* 20 ms$/);
});

test('physics: the relay carried what the parties say they sent, and the frame that ends each phase', () => {
  const reading = (toReceiver: number, toSender: number) =>
    [
      { from: 'sender', to: 'receiver', bytes: toReceiver, lateBytes: 0 },
      { from: 'receiver', to: 'sender', bytes: toSender, lateBytes: 0 },
    ] as const;
  assert.equal(violation('online', {}, reading(1_000_008, 1008)), 'nothing');
  assert.match(
    violation('online', {}, reading(1_000_008, 1007)),
    /receiver sent 1008 bytes to the sender.* 1007 went/,
  );
  assert.match(violation('online', {}, reading(999_999, 1008)), /the sender sent 1000008 bytes/);
  // Without a shaped network none of this is checked: the loopback has no figures to hold against it.
  assert.equal(violationOf([phase('online', { wallMs: 1, spanMs: 2 })], 2), undefined);
});
