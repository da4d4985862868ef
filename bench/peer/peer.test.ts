import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { captureEnvironment } from '../record/environment.ts';
import { readRecord } from '../record/samples.ts';
import { emptyFolder, FAULTY, only, PROJECT, startBench } from '../testing/cli.ts';
import { childrenOf } from '../testing/processes.ts';
import { checkPartyAnswer } from './host/answers.ts';
import { PeerHost } from './host/host.ts';
import { type HostSelf, hostSelf } from './host/host-self.ts';
import { Peer } from './peer.ts';
import { parseAddress, readKey } from './wire/secure.ts';

const QUICK = ['--size', '16', '--overlap', '0', '--executions', '1', '--runs', '2', '--time', '0'];
const OPTIONS = { timeout: 60_000 };

let token: string;
let other: string;
before(async () => {
  const dir = await emptyFolder();
  token = join(dir, 'token');
  other = join(dir, 'other');
  for (const file of [token, other]) writeFileSync(file, `${randomBytes(32).toString('hex')}\n`);
});

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 600, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** `bench party` on a port of its own, killed after the test. */
async function startParty(t: TestContext, dir: string, words: readonly string[] = []) {
  const given = ['--listen', '127.0.0.1:0', '--token-file', token, ...words];
  const { child, finished } = startBench(['party', ...given], dir);
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  await until(() => log.includes('waits on port'), 'bench party listens');
  const port = Number(/port (\d+)/.exec(log)![1]);
  return { child, finished, port, peer: `127.0.0.1:${port}`, log: () => log };
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

const record = (dir: string) => only(join(dir, 'results'));

test('two hosts run the same cells: two and three parties, the record says of both', OPTIONS, async (t) => {
  const dir = await emptyFolder();
  const party = await startParty(t, dir, ['--once']);
  const words = ['run', '--peer', party.peer, '--token-file', token, '--impl', 'hash,plaintext'];
  const run = await startBench([...words, '--size', '16', '--runs', '2', '--time', '0'], dir).finished;
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stderr, /^network peer: calibrated: .*bit\/s, .* ms RTT$/m);
  assert.equal((await party.finished).code, 0);
  const { environment, samples, parties } = await readRecord(record(dir));
  assert.equal(environment.peer?.host.fingerprint, environment.host.fingerprint);
  assert.ok(environment.networks.peer!.measuredRttMs! > 0);
  assert.match(environment.command, /--peer HOST:PORT --token-file FILE --impl/);
  for (const impl of ['hash', 'plaintext']) {
    const own = samples.filter((sample) => sample.impl === impl && !sample.warmup);
    assert.ok(own.length >= 2 && own.every(({ outcome, network }) => outcome === 'ok' && network === 'peer'));
  }
  const sender = parties.filter(({ party, phase }) => party === 'sender' && phase === 'online');
  assert.ok(sender.length > 0 && sender.every((row) => row.cpuUserMs + row.cpuSystemMs > 0));
});

test(
  'who does not know the token is refused, in one line on both sides; the host goes on',
  OPTIONS,
  async (t) => {
    const dir = await emptyFolder();
    const party = await startParty(t, dir);
    const run = (tokens: readonly string[]) =>
      startBench(['run', '--peer', party.peer, ...tokens, '--impl', 'hash', ...QUICK], dir).finished;
    const short = join(dir, 'short');
    writeFileSync(short, 'secret');
    for (const [words, message] of [
      [['--token-file', other], /cannot connect to the peer at 127\.0\.0\.1:\d+: the tokens differ$/],
      [['--token-file', short], /the token has 6 characters, at least 32 are needed/],
      [['--token-file', join(dir, 'none')], /cannot read .*none \(ENOENT\)/],
      [[], /two hosts need a common secret/],
    ] as const) {
      const { code, stdout, stderr } = await run(words);
      assert.deepEqual([code, stdout, stderr.trim().split('\n').length], [2, '', 1], stderr);
      assert.match(stderr.trim(), message);
    }
    // Without a pre-shared key, with an older version, and without TLS.
    const closed = (socket: ReturnType<typeof connectTcp>) =>
      new Promise<void>((resolve) => socket.on('error', () => {}).on('close', () => resolve()));
    const { port } = party;
    let secured = 0;
    const count = () => {
      secured++;
    };
    await closed(connectTls({ port, rejectUnauthorized: false }, count));
    await closed(connectTls({ port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' }, count));
    const plain = connectTcp(port);
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await closed(plain);
    assert.equal(secured, 0);
    await until(() => party.log().split('refused a connection').length === 5, 'four refusals');
    for (const line of party.log().trim().split('\n')) assert.match(line, /^bench party: /);
    assert.match(party.log(), /refused a connection from \S+: the tokens differ$/m);
    assert.match(party.log(), /: one side offered no token$/m);
    assert.match(party.log(), /: it does not speak TLS 1\.3$/m);
    assert.match(party.log(), /: it does not speak TLS$/m);
    const right = await run(['--token-file', token]);
    assert.equal(right.code, 0, right.stderr);
  },
);

async function selfOfThisHost(): Promise<HostSelf> {
  return hostSelf(await captureEnvironment({ run: '', started: '', command: '', seed: '' }, PROJECT));
}

const NOTHING = {
  implementations: [],
  settings: [],
  maxItems: 0,
  maxThreads: 1,
  maxParties: 1,
  own: null,
  environment: () => ({}),
};

test('other code is refused on both sides, and so is a second run', async () => {
  const self = await selfOfThisHost();
  const key = readKey(token);
  const log: string[] = [];
  const host = new PeerHost(key, self, NOTHING, (line) => log.push(line));
  const address = { host: '127.0.0.1', port: await host.listen({ host: '127.0.0.1', port: 0 }) };
  const elsewhere = { ...self, code: { ...self.code, commit: 'f'.repeat(40), lockSha256: 'e'.repeat(64) } };
  const refusal = /it refused: the hosts run different code \(commit, lock file\)/;
  await assert.rejects(Peer.connect(address, key, elsewhere), { name: 'UsageError', message: refusal });
  const peer = await Peer.connect(address, key, self);
  await assert.rejects(Peer.connect(address, key, self), /it refused: it serves another run/);
  const gone = new Promise<void>((resolve) => peer.onGone(resolve));
  host.close();
  await gone;
  assert.match(
    log.join('\n'),
    /^refused a run from \S+: the hosts run different code .*\nserving.*\nrefused a run from \S+: it serves another run\nthe run is over: 0 parties played 0 runs/,
  );
});

test('a party killed on the other host is the outcome of its cell; the rest goes on', OPTIONS, async (t) => {
  const dir = await emptyFolder();
  const module = someOf(dir, ['clear', 'stalls']);
  const party = await startParty(t, dir, ['--impl', module]);
  const words = ['run', '--peer', party.peer, '--token-file', token, '--impl', module, ...QUICK];
  const { finished } = startBench([...words, '--timeout', '60'], dir);
  // The parties of "stalls" are those that stay.
  await until(() => childrenOf(party.child.pid!).length === 2, 'two parties there');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  for (const pid of childrenOf(party.child.pid!)) process.kill(pid, 'SIGKILL');
  const { code, stderr } = await finished;
  assert.equal(code, 3, stderr);
  const { samples } = await readRecord(record(dir));
  const died = samples.find(({ impl, outcome }) => impl === 'stalls' && outcome !== 'ok');
  assert.equal(died?.outcome, 'died');
  assert.match(died?.reason ?? '', /the sender's process was killed by SIGKILL/);
});

test(
  'the other host killed: exit code 3, what was measured stays, and the run can be resumed',
  OPTIONS,
  async (t) => {
    const dir = await emptyFolder();
    const module = someOf(dir, ['slow']);
    const words = ['--token-file', token, '--impl', module, '--size', '16', '--overlap', '0', '--time', '0'];
    const first = await startParty(t, dir, ['--impl', module]);
    const run = startBench(['run', '--peer', first.peer, ...words, '--runs', '8'], dir);
    const rows = () => {
      try {
        return readFileSync(join(record(dir), 'samples.csv'), 'utf8').split('slow/').length - 1;
      } catch {
        return 0;
      }
    };
    await until(() => rows() >= 3, 'three rows');
    const here = childrenOf(run.child.pid!);
    const there = childrenOf(first.child.pid!);
    first.child.kill('SIGKILL');
    const { code, stderr } = await run.finished;
    assert.equal(code, 3, stderr);
    assert.match(
      stderr,
      /the peer is gone; what was measured is kept: bench run --resume results\S* --peer HOST:PORT/,
    );
    await until(() => [...here, ...there].every(isGone), 'no process stays on either host');
    const kept = readFileSync(join(record(dir), 'samples.csv'), 'utf8');
    assert.ok(!kept.includes('died'), 'what the end of the other host ended is no outcome');
    const bare = await startBench(['run', '--resume', record(dir)], dir).finished;
    assert.deepEqual([bare.code, /give --peer/.test(bare.stderr)], [2, true]);
  },
);

test(
  'the measuring host killed: its parties on the other host go, and that one serves the next run',
  OPTIONS,
  async (t) => {
    const dir = await emptyFolder();
    const module = someOf(dir, ['stalls', 'idle']);
    const party = await startParty(t, dir, ['--impl', `${module},hash`]);
    const words = ['--peer', party.peer, '--token-file', token];
    const run = startBench(['run', ...words, '--impl', module, ...QUICK], dir);
    await until(() => childrenOf(party.child.pid!).length === 2, 'two parties there');
    const there = childrenOf(party.child.pid!);
    run.child.kill('SIGKILL');
    await run.finished;
    await until(() => there.every(isGone), 'no process stays there');
    await until(() => party.log().includes('the run is over'), 'the end is noticed');
    const next = await startBench(
      ['run', ...words, '--impl', 'hash', '--size', '16', '--runs', '1', '--time', '0'],
      dir,
    ).finished;
    assert.equal(next.code, 0, next.stderr);
  },
);

const USAGE = {
  phase: 'online',
  doneAt: 1,
  endedAt: 2,
  cpuUserMs: 1,
  cpuSystemMs: 0,
  peakBytes: null,
  traffic: { receiver: { sentBytes: 8, receivedBytes: 0, sentMessages: 1, receivedMessages: 0 } },
  flights: 1,
  receivedFlights: 0,
  children: 0,
  steps: { hash: 1.5 },
};

test('what the other host says is checked: it can spoil its run and nothing else', () => {
  const done = (usage: object) => ({ type: 'answer', message: { type: 'phase-done', usage } });
  assert.deepEqual(checkPartyAnswer(done(USAGE)), done(USAGE));
  const failure = { outcome: 'died', reason: 'gone', weight: 3 };
  assert.deepEqual(checkPartyAnswer({ type: 'failure', failure }), { type: 'failure', failure });
  for (const lie of [
    {},
    { type: 'answer' },
    { type: 'answer', message: { type: 'failed' } },
    { type: 'answer', message: { type: 'ready', port: '1', residentBytes: 1 } },
    { type: 'failure', failure: { ...failure, outcome: 'ok' } },
    { type: 'failure', failure: { ...failure, reason: '' } },
    done({ ...USAGE, cpuUserMs: -1 }),
    done({ ...USAGE, cpuUserMs: null }),
    done({ ...USAGE, flights: 1.5 }),
    done({ ...USAGE, phase: 'later' }),
    done({ ...USAGE, steps: { hash: 'x' } }),
    done({ ...USAGE, traffic: { receiver: { sentBytes: 8 } } }),
    done({ ...USAGE, traffic: { nobody: USAGE.traffic.receiver } }),
  ]) {
    assert.throws(() => checkPartyAnswer(lie), {
      name: 'ProtocolError',
      message: /sent an invalid "[\w ]+"$/,
    });
  }
});

test('addresses: host or bracketed IPv6, and a port', () => {
  assert.deepEqual(parseAddress('192.0.2.1:7000', '--peer'), { host: '192.0.2.1', port: 7000 });
  assert.deepEqual(parseAddress('[2001:db8::1]:7', '--peer'), { host: '2001:db8::1', port: 7 });
  for (const wrong of ['host', 'host:', ':1', '2001:db8::1:7', 'host:70000', 'host:1x']) {
    assert.throws(() => parseAddress(wrong, '--peer'), {
      name: 'UsageError',
      message: /--peer expects HOST:PORT/,
    });
  }
});

/** A module in `dir` with some of the implementations of `testing/faulty.ts`. */
function someOf(dir: string, ids: readonly string[]): string {
  const path = join(dir, 'some.ts');
  const chosen = JSON.stringify(ids);
  writeFileSync(
    path,
    `import all from ${JSON.stringify(FAULTY)};\nexport default all.filter(({ id }) => ${chosen}.includes(id));\n`,
  );
  return path;
}
