/** What a host that holds the token tries, each time with the refusal and the bound. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { PROJECT } from '../testing/cli.ts';
import { parseHostSelf } from './host/host-self.ts';
import { limitedLog } from './host/log.ts';
import { Peer } from './peer.ts';
import { Attacker, type Line } from './testing.ts';
import { readLine, sendLine } from './wire/lines.ts';
import { listenSecurely, readKey } from './wire/secure.ts';

const MIB = 1 << 20;
let attacker: Attacker;
beforeEach(async () => {
  attacker = await Attacker.begin();
});
afterEach(() => attacker.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function closed(socket: Socket): Promise<void> {
  if (!socket.destroyed) await once(socket.resume(), 'close');
}

/** Processes that this one has started and that still run. */
function children(): number {
  const lines = execFileSync('ps', ['-eo', 'ppid=,args=']).toString().split('\n');
  return lines.filter(
    (line) => line.includes('party/process.ts') && Number(line.trim().split(/\s+/)[0]) === process.pid,
  ).length;
}

/** The reason that the host gives for what it does not do, on a party's connection. */
async function refusalOf(socket: TLSSocket): Promise<string> {
  const line = (await readLine(socket)) as { failure?: { reason: string } };
  assert.ok(line.failure, JSON.stringify(line));
  await closed(socket);
  return line.failure.reason;
}

/** After all of it the host still plays. */
async function stillServes(): Promise<void> {
  const { socket } = await attacker.readyParty();
  socket.destroy();
}

test('it is asked for what its owner did not allow: no process is started for it', async () => {
  const dataset = { kind: 'random', receiverSize: 16, senderSize: 16, overlap: 8, seed: '1' };
  for (const [task, refusal] of [
    [{ id: 'ecdh' }, /"ecdh" is not allowed there \(--impl\): hash are/],
    [{ id: '/tmp/evil.ts' }, /"\/tmp\/evil.ts" is not allowed there/],
    [{ version: '0' }, /of version \S+, asked for 0/],
    [{ options: { salt: true } }, /does not allow hash.salt=true: its owner would by --set/],
    [{ options: { nothing: 1 } }, /hash has no option "nothing"/],
    [{ sizes: { receiver: 16, sender: 2 ** 20 } }, /allows sets of 1000 items \(--max-size\)/],
    [{ output: { kind: 'cardinality' } }, /its hash has no output "cardinality"/],
    [{ threads: 2 }, /allows 1 threads \(--max-threads\), asked for 2/],
    [{ sizes: { receiver: 16, sender: 17 } }, /sizes are not those of the data set/],
    [{ dataset: { ...dataset, overlap: 17 } }, /overlap must be at most 16/],
  ] as const) {
    assert.match(await refusalOf(await attacker.party(task)), refusal);
  }
  // What is no task at all ends the connection without a word.
  for (const task of [
    { dataset: { kind: 'file', receiverFile: '/etc/passwd', senderFile: '/etc/passwd', key: ['x'] } },
    { dataset: { ...dataset, kind: '__proto__' } },
    { token: 'short' },
    { output: { kind: 'threshold', atLeast: 0 } },
    { output: 'intersection' },
    { options: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`o${i}`, 1])) },
    { sizes: { receiver: -1, sender: 1.5 } },
  ]) {
    await closed(await attacker.party(task));
  }
  assert.equal(children(), 0);
});

test('fields that no task has are not looked at: module, roles, seed, file', async () => {
  const socket = await attacker.party({
    implementation: { module: '/tmp/evil.ts', id: 'hash' },
    role: 'helper',
    roles: ['helper', 'sender'],
    protocolSeed: 'mine',
    file: '/etc/passwd',
  });
  assert.equal(((await readLine(socket)) as { message: Line }).message.type, 'ready');
});

test('questions that may not be asked now, or never: an error on one connection, and its process is gone', async () => {
  for (const [lines, refusal] of [
    [[{ type: 'ask' }], /sent an invalid "question"/],
    [[{ type: 'open', task: { role: 'sender' } }], /sent an invalid "question"/],
    [[{ type: 'ask', message: { type: 'open', task: {} } }], /"question"/],
    [[{ type: 'phase', phase: 'later' }], /"phase"/],
    [[{ type: 'start', sample: -1 }], /"sample"/],
    [[{ type: 'start', sample: 0 }], /asked for "start" while the party was ready/],
    [[{ type: 'finish' }], /asked for "finish" while/],
    [[{ type: 'phase', phase: 'online' }], /asked for "phase online" while/],
    [[{ type: 'connect' }], /made no tunnel to the receiver/],
    [[{ type: 'connect', ports: { receiver: 22 } }], /made no tunnel to the receiver/],
  ] as const) {
    const { socket } = await attacker.readyParty();
    for (const line of lines) await sendLine(socket, line);
    assert.match(await refusalOf(socket), refusal);
  }
  const { socket } = await attacker.readyParty();
  socket.write('{"type":"ask"\n');
  assert.match(await refusalOf(socket), /a line that is not a message/);
  const before = await attacker.party();
  await sendLine(before, { type: 'start', sample: 0 });
  assert.match(await refusalOf(before), /while the party was opening/);
  await pause(100);
  assert.equal(children(), 0);
  await stillServes();
});

test('a question while the last one is worked on is refused', async () => {
  const { socket, party } = await attacker.readyParty();
  const tunnel = await attacker.open({ type: 'tunnel', party, role: 'receiver' });
  assert.equal((await readLine(tunnel)).type, 'open');
  socket.write('{"type":"connect"}\n{"type":"connect"}\n');
  assert.match(await refusalOf(socket), /asked for "connect" while the party was at work on "connect"/);
  await closed(tunnel);
});

test('tunnels lead to the parties of this session and nowhere else, once each, while these last', async () => {
  const service = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(service, 'listening');
  let reached = 0;
  service.on('connection', () => {
    reached++;
  });
  const { port } = service.address() as AddressInfo;
  for (const line of [
    { party: port, role: 'receiver' },
    { port, party: 1, role: 'receiver' },
    { port },
    { party: 1, role: 'sender' },
    { party: 1, role: 'helper' },
  ]) {
    await closed(await attacker.open({ type: 'tunnel', ...line }));
  }
  const { socket, party } = await attacker.readyParty();
  for (const role of ['sender', 'helper', 'nobody']) {
    await closed(await attacker.open({ type: 'tunnel', party, role }));
  }
  const right = await attacker.open({ type: 'tunnel', party, role: 'receiver' });
  assert.equal((await readLine(right)).type, 'open');
  await closed(await attacker.open({ type: 'tunnel', party, role: 'receiver' }));
  socket.destroy();
  await closed(right);
  await pause(50);
  await closed(await attacker.open({ type: 'tunnel', party, role: 'receiver' }));
  assert.equal(reached, 0);
  service.close();
});

test('no more processes at once than allowed, and a place is free again when its process is gone', async () => {
  const parties = [];
  for (let i = 0; i < 3; i++) parties.push(await attacker.readyParty());
  assert.match(await refusalOf(await attacker.party()), /no more than 3 parties at once \(--max-parties\)/);
  assert.equal(children(), 3);
  for (const { socket } of parties) socket.destroy();
  for (let tries = 0; children() > 0; tries++) {
    assert.ok(tries < 100);
    await pause(50);
  }
  await stillServes();
});

test('no more connections than a session can use', async () => {
  const { party } = await attacker.readyParty();
  const many = [];
  for (let i = 0; i < 20; i++) many.push(await attacker.open({ type: 'calibrate' }));
  for (const socket of many) socket.resume();
  await pause(200);
  const ended = many.filter(({ destroyed }) => destroyed).length;
  assert.equal(ended, 20 - (4 + 3 * 3 - 2));
  assert.ok(party > 0);
});

test('questions for bulk that nobody reads: no more is made than the connection takes', async () => {
  const socket = await attacker.open({ type: 'calibrate' });
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 12; i++) socket.write('{"type":"bulk","bytes":67108864}\n');
  socket.pause();
  await pause(300);
  const growth = (process.memoryUsage().rss - before) / MIB;
  // Both ends of the connection are in this process.
  assert.ok(growth < 40, `${growth.toFixed(0)} MiB`);
  const greedy = await attacker.open({ type: 'calibrate' });
  greedy.write('{"type":"bulk","bytes":67108865}\n');
  await closed(greedy);
});

test('lines without an end, and first lines that are none, end their connection', async () => {
  for (const bytes of [
    'x'.repeat(70_000),
    'null\n',
    '[]\n',
    '{}\n',
    '{"type":"hello"}\n',
    '{"type":"hello","protocol":2,"self":{"code":{}}}\n',
    `{"type":"calibrate","session":"${'0'.repeat(32)}"}\n`,
    '{"type":"calibrate","session":["x"]}\n',
    Buffer.from([0xff, 0xfe, 0x0a]),
  ]) {
    const socket = await attacker.connect();
    socket.write(bytes);
    await closed(socket);
  }
  await stillServes();
});

test('what a host says of itself is cut and stripped before it is shown', () => {
  const self = structuredClone(attacker.self) as unknown as { host: { cpu: string }; packages: object };
  self.host.cpu = '\u001b[2J\u001b]0;owned\u0007 CPU\u202e\u2028x';
  assert.equal(parseHostSelf(self).host.cpu, '[2J ]0;owned CPU x');
  self.host.cpu = 'x'.repeat(201);
  assert.throws(() => parseHostSelf(self), /sent an invalid "cpu"/);
  const many = {
    ...attacker.self,
    packages: Object.fromEntries(Array.from({ length: 999 }, (_, i) => [i, ''])),
  };
  assert.throws(() => parseHostSelf(many), /"packages"/);
});

test('the log is limited, and its lines hold no control characters', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const lines: string[] = [];
  const log = limitedLog((line) => lines.push(line));
  for (let i = 0; i < 1000; i++) log('refused\u001b[31m\n');
  assert.equal(lines.length, 20);
  assert.equal(lines[0], 'refused [31m');
  t.mock.timers.tick(10_000);
  assert.equal(lines[20], '980 more lines of this kind were left out');
});

test('a host that answers no ping: the calibration ends', async (t) => {
  // It says welcome and nothing more.
  const welcome = {
    type: 'welcome',
    session: 'a'.repeat(32),
    self: attacker.self,
    allowed: [],
    own: null,
    takesResult: false,
  };
  const server = listenSecurely(
    attacker.key,
    (socket) =>
      void readLine(socket).then(({ type }) => {
        if (type === 'hello') void sendLine(socket, welcome);
      }),
    () => {},
  );
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const peer = await Peer.connect(address, attacker.key, attacker.self);
  t.after(() => peer.close());
  await assert.rejects(peer.calibrate(200), {
    name: 'UsageError',
    message: /the network to the peer could not be measured: the connection to the other host is closed/,
  });
});

const folder = mkdtempSync(join(tmpdir(), 'peer-attacks-'));
after(() => rmSync(folder, { recursive: true }));

test('two hundred idle connections and 128 descriptors: the right host still gets in', async (t) => {
  const token = join(folder, 'token');
  writeFileSync(token, 'a'.repeat(64));
  const command = `ulimit -n 128; exec "${process.execPath}" bench/cli.ts party --listen 127.0.0.1:0 --impl hash --token-file "${token}"`;
  const party = spawn('sh', ['-c', command], { cwd: PROJECT, stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => party.kill('SIGKILL'));
  let log = '';
  party.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  for (let tries = 0; !log.includes('waits on port'); tries++) {
    assert.ok(tries < 400, log);
    await pause(50);
  }
  const port = Number(/port (\d+)/.exec(log)?.[1]);
  const idle: Socket[] = [];
  for (let i = 0; i < 200; i++) {
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => {});
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    idle.push(socket);
  }
  const peer = await Peer.connect({ host: '127.0.0.1', port }, readKey(token), attacker.self);
  assert.equal(peer.self.host.fingerprint, attacker.self.host.fingerprint);
  peer.close();
  for (const socket of idle) socket.destroy();
  await pause(200);
  assert.ok(log.split('\n').length < 30, `${log.split('\n').length} lines were logged`);
});
