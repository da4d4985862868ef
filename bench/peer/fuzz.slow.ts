/**
 * A fuzzer of the peer protocol: connections that begin well, badly or not at all, lines with any field
 * replaced by anything, in any order, cut anywhere. The host must outlive it, within bounds, and still play.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { Attacker, type Line, RIGHT_TASK } from './testing.ts';

const MIB = 1 << 20;
const MAX_PARTIES = 3;
const attacker = await Attacker.begin();
after(() => attacker.close());

function children(): number {
  return execFileSync('ps', ['-eo', 'ppid=,args='])
    .toString()
    .split('\n')
    .filter((line) => line.includes('party/process.ts') && Number.parseInt(line, 10) === process.pid).length;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Messages as they should be. */
const LINES: readonly Line[] = [
  { type: 'party', task: RIGHT_TASK },
  { type: 'tunnel', party: 1, role: 'receiver' },
  { type: 'calibrate' },
  { type: 'result', count: 1 },
  { type: 'hello', protocol: 2, self: {}, root: null },
  { type: 'connect' },
  { type: 'start', sample: 0 },
  { type: 'phase', phase: 'online' },
  { type: 'finish' },
  { type: 'ping' },
  { type: 'bulk', bytes: 1 << 20 },
  { type: 'sink', bytes: 100 },
  { type: 'dismiss' },
];

/** A field, also one of an object in it, replaced by anything, left out, or added. */
const mutation = fc.record({
  path: fc.array(
    fc.oneof(
      fc.constantFrom(
        'type',
        'task',
        'dataset',
        'sizes',
        'options',
        'session',
        'role',
        'party',
        'bytes',
        'id',
      ),
      fc.constantFrom('__proto__', 'constructor', 'toString'),
      fc.string({ maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
  value: fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(-1, 2 ** 53, 1e308, '\u0000\u001b[2J', '../../etc/passwd', 'file', 'own'),
    fc.constant(undefined),
  ),
});

const line = fc
  .record({ base: fc.constantFrom(...LINES), mutations: fc.array(mutation, { maxLength: 3 }) })
  .map(({ base, mutations }) =>
    mutations.reduce<Line>((message, { path, value }) => mutated(message, path, value), base),
  );

function mutated(message: Line, [name = '', ...rest]: readonly string[], value: unknown): Line {
  const inner = message[name];
  const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
  const changed = rest.length > 0 && isObject ? mutated(inner as Line, rest, value) : value;
  // As JSON has it: "__proto__" is a field like any other.
  return Object.fromEntries([...Object.entries(message).filter(([key]) => key !== name), [name, changed]]);
}

const chunk = fc.oneof(
  { weight: 6, arbitrary: line.map((message) => ({ line: message })) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ bytes })) },
  {
    weight: 1,
    arbitrary: line.map((message) => ({ bytes: Buffer.from(JSON.stringify(message).slice(0, 20)) })),
  },
);

const conversation = fc.record({
  chunks: fc.array(chunk, { minLength: 1, maxLength: 8 }),
  waitMs: fc.constantFrom(0, 0, 0, 5, 250),
  isAbrupt: fc.boolean(),
});

async function converse(
  socket: TLSSocket,
  { chunks, waitMs, isAbrupt }: ReturnType<typeof conversation.generate>['value'],
) {
  const sessioned = { session: attacker.session };
  for (const one of chunks) {
    if (socket.destroyed) break;
    if ('line' in one)
      socket.write(
        `${JSON.stringify({ ...sessioned, version: attacker.version, ...withVersion(one.line) })}\n`,
      );
    else socket.write(one.bytes);
  }
  await pause(waitMs);
  if (!isAbrupt) {
    socket.end();
    await pause(2);
  }
  socket.destroy();
}

/** The task of a message that has one names the version that is here. */
function withVersion(message: Line): Line {
  const { task } = message;
  if (typeof task !== 'object' || task === null || Array.isArray(task)) return message;
  return { ...message, task: { version: attacker.version, ...task } };
}

test('a fuzzer of the peer protocol', async (t) => {
  const before = process.memoryUsage().rss;
  let most = 0;
  let conversations = 0;
  const property = fc.asyncProperty(
    fc.array(conversation, { minLength: 1, maxLength: 6 }),
    async (together) => {
      const look = pause(3).then(() => {
        most = Math.max(most, children());
      });
      await Promise.all([look, ...together.map(async (one) => converse(await attacker.connect(), one))]);
      conversations += together.length;
      most = Math.max(most, children());
      assert.ok(most <= MAX_PARTIES, `${most} processes`);
    },
  );
  await fc.assert(property, { numRuns: 300, endOnFailure: true });
  for (let tries = 0; children() > 0; tries++) {
    assert.ok(tries < 100, 'processes stay');
    await pause(50);
  }
  const growth = (process.memoryUsage().rss - before) / MIB;
  t.diagnostic(
    `${conversations} conversations, at most ${most} processes, +${growth.toFixed(0)} MiB for both sides`,
  );
  assert.ok(growth < 200, `${growth.toFixed(0)} MiB`);
  assert.ok(most > 0, 'no party was ever started: the fuzzer is too coarse');
  const { socket } = await attacker.readyParty();
  socket.destroy();
});
