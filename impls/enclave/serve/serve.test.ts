import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { OpeningTimes } from '../attested/open-stream.ts';
import { buildImage, measureImage } from '../runtime/image.ts';
import { middleman } from '../testing/middleman.ts';
import { dial, talk } from '../testing/talk.ts';
import { hostServer, type RunningHost } from './host.ts';
import { type ProxyOptions, type RunningProxy, startProxy } from './proxy.ts';
import { listedFiles, type ServerImage, serverImage } from './server-image.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const closing: { close(): void }[] = [];
after(() => {
  for (const one of closing) one.close();
});

async function host(image: ServerImage): Promise<RunningHost> {
  const listen = image.description.ports.map((guestPort) => ({ ...LOOPBACK, guestPort }));
  const running = await hostServer({ guest: image.source, listen });
  closing.push(running);
  return running;
}

async function proxy(
  image: ServerImage,
  { addresses, enclave }: RunningHost,
  options: Partial<ProxyOptions> = {},
): Promise<RunningProxy & { readonly lines: string[] }> {
  const { pcrs } = measureImage(buildImage(image.source));
  const lines: string[] = [];
  const running = await startProxy({
    host: '127.0.0.1',
    port: addresses[0]?.port ?? 0,
    service: `tcp/${image.description.ports[0]}`,
    expectation: () => ({ pcrs, roots: [enclave.root] }),
    forward: LOOPBACK,
    log: (line) => lines.push(line),
    ...options,
  });
  closing.push(running);
  return { ...running, lines };
}

const echo = serverImage('echo');
const echoHost = await host(echo);
const echoProxy = await proxy(echo, echoHost);
const web = serverImage('http');
const webHost = await host(web);
const webProxy = await proxy(web, webHost);

function fetchFrom(port: number, path: string, body?: Uint8Array): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, method: body ? 'POST' : 'GET' }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('echo: what is sent comes back, with half-close', async () => {
  for (const length of [0, 1, 1000, 3_000_000]) {
    const bytes = randomBytes(length);
    const { received, ending } = await talk(echoProxy.address.port, bytes);
    assert.equal(ending, 'end');
    assert.ok(bytes.equals(received), `${length} bytes`);
  }
  assert.deepEqual(echoProxy.lines, []);
});

test('an open connection is asked again and again', async () => {
  const { socket, ask } = await dial(echoProxy.address.port);
  for (let i = 0; i < 50; i++) assert.equal(await ask(`question ${i}`), `question ${i}`);
  socket.destroy();
});

test('64 connections at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, i) => talk(echoProxy.address.port, `client ${i} `.repeat(1000))),
  );
  answers.forEach(({ received }, i) => {
    assert.equal(received.toString(), `client ${i} `.repeat(1000));
  });
});

test('a web server in CommonJS, with a page, a large answer, an upload, and what is not there', async () => {
  const { port } = webProxy.address;
  assert.deepEqual(await fetchFrom(port, '/'), { status: 200, body: Buffer.from('hello\n') });
  assert.equal((await fetchFrom(port, '/none')).status, 404);
  assert.equal((await fetchFrom(port, '/bytes/5000000')).body.length, 5_000_000);
  const upload = randomBytes(2_000_000);
  assert.ok((await fetchFrom(port, '/echo', upload)).body.equals(upload));
  assert.deepEqual(webProxy.lines, []);
});

test('who does not read lets the server wait, and nobody else', async () => {
  const before = (await webHost.enclave.usage()).peakBytes;
  const lazy = connect({ port: webProxy.address.port, host: '127.0.0.1' });
  lazy.on('error', () => {});
  lazy.pause();
  lazy.write('GET /bytes/4000000000 HTTP/1.1\r\nhost: x\r\n\r\n');
  for (let i = 0; i < 10; i++) {
    await setTimeout(20);
    assert.equal((await fetchFrom(webProxy.address.port, '/')).status, 200);
  }
  lazy.destroy();
  assert.ok((await webHost.enclave.usage()).peakBytes - before < 100 * 2 ** 20);
});

test('a document is asked for by every connection, unless it may be reused', async () => {
  const times: OpeningTimes[] = [];
  const between = await middleman(echoHost.addresses[0]?.port ?? 0);
  closing.push(between);
  const reusing = await proxy(echo, echoHost, {
    port: between.port,
    reuseSeconds: 60,
    onOpen: (one) => times.push(one),
  });
  for (let i = 0; i < 3; i++) {
    assert.equal((await talk(reusing.address.port, `hello ${i}`)).received.toString(), `hello ${i}`);
  }
  assert.deepEqual(
    times.map(({ verify }) => verify > 0),
    [true, false, false],
  );
  const keys = between.sent.map((bytes) => bytes.subarray(4 + 33, 4 + 65).toString('hex'));
  assert.equal(keys[0], '00'.repeat(32));
  assert.equal(keys[1], keys[2]);
  assert.notEqual(keys[1], keys[0]);
  assert.deepEqual(
    between.sent.map((bytes) => bytes[4]),
    [2, 1, 1],
  );
  // A key that was attested for one connection is forgotten: who names it gets a document about another.
  const once: OpeningTimes[] = [];
  const plain = await proxy(echo, echoHost, { port: between.port, onOpen: (one) => once.push(one) });
  for (let i = 0; i < 2; i++) await talk(plain.address.port, 'x');
  assert.ok(once.every(({ verify }) => verify > 0));
  assert.deepEqual(
    between.sent.slice(3).map((bytes) => bytes[4]),
    [0, 0],
  );
  // The same bytes once more: the salt is another, so the record is refused.
  const replayed = await talk(echoHost.addresses[0]?.port ?? 0, between.sent[1] ?? '');
  assert.equal(replayed.ending, 'ECONNRESET');
  assert.ok(replayed.received.length <= 4 + 32);
  await assert.rejects(proxy(echo, echoHost, { reuseSeconds: 9999 }), /0 to 3600 s, not 9999/);
});

test('an enclave that is killed ends every connection, and the host says why', async () => {
  const running = await host(echo);
  const forwarding = await proxy(echo, running);
  const { socket, ask } = await dial(forwarding.address.port);
  assert.equal(await ask('up?'), 'up?');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  running.enclave.close();
  await closed;
  assert.match((await running.ended).message, /the enclave was closed/);
  assert.equal(forwarding.lines.length, 1);
  assert.match(forwarding.lines[0] ?? '', /a connection broke off: /);
  assert.deepEqual(await talk(forwarding.address.port, 'anybody?'), {
    received: Buffer.alloc(0),
    ending: 'ECONNRESET',
  });
  assert.match(forwarding.lines[1] ?? '', /not connected: cannot reach the enclave's host/);
});

test('a client that goes away takes nothing with it', async () => {
  for (let i = 0; i < 20; i++) {
    const { socket, ask } = await dial(echoProxy.address.port);
    await ask('x');
    i % 2 ? socket.resetAndDestroy() : socket.destroy();
  }
  assert.equal((await talk(echoProxy.address.port, 'still here')).received.toString(), 'still here');
});

test('a port that the image does not name is refused, with the words of the host in quotes', async () => {
  const running = await hostServer({
    guest: echo.source,
    listen: [{ ...LOOPBACK, guestPort: 9 }],
  });
  closing.push(running);
  const forwarding = await proxy(echo, running, { service: 'tcp/9' });
  assert.equal((await talk(forwarding.address.port, 'hello')).ending, 'ECONNRESET');
  assert.match(forwarding.lines[0] ?? '', /it says, unproven: "nothing here is called tcp\/9"/);
});

test('no more clients than allowed', async () => {
  const lines: string[] = [];
  const running = await hostServer({
    guest: echo.source,
    listen: [{ ...LOOPBACK, guestPort: 7 }],
    maxConnections: 2,
    log: (line) => lines.push(line),
  });
  closing.push(running);
  const forwarding = await proxy(echo, running);
  const clients = [await dial(forwarding.address.port), await dial(forwarding.address.port)];
  for (const { ask } of clients) assert.equal(await ask('in'), 'in');
  assert.equal((await talk(forwarding.address.port, 'third')).ending, 'ECONNRESET');
  assert.match(lines.join(), /turned away: 2 are connected/);
});

test('a server of one’s own: arguments and environment reach it, a missing file is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'enclave-server-'));
  try {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write('package.json', '{"type":"commonjs"}');
    write(
      'enclave.json',
      JSON.stringify({ entry: 'a.js', ports: [80], arguments: ['x'], environment: { Y: 'z' } }),
    );
    write(
      'a.js',
      "require('net').createServer((s) => s.end(process.argv[2] + process.env.Y + require('os').homedir())).listen({ port: 80 })",
    );
    const image = serverImage(folder);
    const running = await host(image);
    const forwarding = await proxy(image, running);
    assert.equal((await talk(forwarding.address.port, '')).received.toString(), 'xz/');
    write('a.js', "require('./b.js')");
    const failing = await host(serverImage(folder));
    assert.match((await failing.ended).message, /Cannot find module '\.\/b\.js'/);
    write('a.js', 'process.exit(3)');
    assert.match((await (await host(serverImage(folder))).ended).message, /exit code 3/);
    write('enclave.json', JSON.stringify({ entry: '../a.js', ports: [80] }));
    assert.throws(() => serverImage(folder), /"entry" expected a path within the folder/);
    write('enclave.json', JSON.stringify({ entry: 'a.js', ports: [], files: 'f' }));
    assert.throws(() => serverImage(folder), /"ports" expected/);
    for (const [text, wrong] of [
      ['b\na\n', /in order/],
      ['a\na\n', /in order/],
      ['../a\n', /no path within/],
      ['/a\n', /no path within/],
    ] as const) {
      write('files.txt', text);
      assert.throws(() => listedFiles(join(folder, 'files.txt')), wrong);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  assert.throws(() => serverImage('nothing-like-it'), /is no server/);
});
