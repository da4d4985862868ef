/**
 * What somebody between a client and the enclave can do, the host first of all, and that it ends each time
 * with nothing of the client's sent, or a connection that is reset and says why.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AWS_ROOT_G1 } from '../attestation/policy.ts';
import { HELLO_LENGTH } from '../attested/hello.ts';
import { FRAME_LENGTH } from '../document-frame.ts';
import { buildImage, type Image, measureImage } from '../runtime/image.ts';
import { type Meddle, type Middleman, middleman } from '../testing/middleman.ts';
import { type Talk, talk } from '../testing/talk.ts';
import { type HostOptions, hostServer, type RunningHost } from './host.ts';
import { type ProxyOptions, type RunningProxy, startProxy } from './proxy.ts';
import { serverImage } from './server-image.ts';

const HOUR = 3_600_000;
const LOOPBACK = { host: '127.0.0.1', port: 0 };
/** Bytes on the wire: a length, and the hello or the encapsulated key. */
const HELLO = 4 + HELLO_LENGTH;
const KEY = 4 + 32;
const RECORD = 4 + 21;
const DOCUMENT = 4 + FRAME_LENGTH;
const SECRET = 'the password is correct horse battery staple';

const echo = serverImage('echo');
const expected = measureImage(buildImage(echo.source)).pcrs;
const closing: { close(): void }[] = [];
after(() => {
  for (const one of closing) one.close();
});

let genuine: RunningHost;
before(async () => {
  genuine = await start();
});

async function start(options: Partial<HostOptions> = {}): Promise<RunningHost> {
  const running = await hostServer({
    guest: echo.source,
    listen: [{ ...LOOPBACK, guestPort: 7 }],
    ...options,
  });
  closing.push(running);
  return running;
}

interface Attacked {
  readonly talk: Talk;
  readonly lines: readonly string[];
  readonly between: Middleman;
}

/** Says {@link SECRET} through a proxy, a middleman, and a host. */
async function attack(
  host: RunningHost,
  meddle?: Meddle,
  options: Partial<ProxyOptions> = {},
): Promise<Attacked> {
  const between = await middleman(host.addresses[0]?.port ?? 0, meddle);
  const lines: string[] = [];
  const proxy: RunningProxy = await startProxy({
    host: '127.0.0.1',
    port: between.port,
    service: 'tcp/7',
    expectation: () => ({ pcrs: expected, roots: [host.enclave.root], maxAgeSeconds: 300 }),
    forward: LOOPBACK,
    log: (line) => lines.push(line),
    ...options,
  });
  closing.push(between, proxy);
  const result = await talk(proxy.address.port, SECRET);
  return { talk: result, lines, between };
}

/** The client was reset, and nothing but random bytes had left its proxy. */
function assertNothingSent({ talk, lines, between }: Attacked, reason: RegExp): void {
  assert.equal(talk.ending, 'ECONNRESET');
  assert.equal(talk.received.length, 0);
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0] ?? '', reason);
  for (const sent of between.sent) {
    assert.equal(sent.length, HELLO);
    assert.ok(!sent.includes(SECRET));
  }
}

/** The client was reset, with the reason; what it had got until then is the beginning of the truth. */
function assertBroken({ talk, lines, between }: Attacked, reason: RegExp): void {
  assert.equal(talk.ending, 'ECONNRESET');
  assert.ok(SECRET.startsWith(talk.received.toString()));
  assert.match(lines.join('\n'), reason);
  for (const sent of between.sent) assert.ok(!sent.includes(SECRET));
}

test('unmolested, it works, and the middleman reads nothing', async () => {
  const { talk, lines, between } = await attack(genuine);
  assert.equal(talk.ending, 'end');
  assert.equal(talk.received.toString(), SECRET);
  assert.deepEqual(lines, []);
  assert.equal(between.sent[0]?.length, HELLO + KEY + RECORD + SECRET.length + RECORD);
  assert.ok(!between.sent[0]?.includes('password'));
  assert.ok(!between.answered[0]?.includes('password'));
});

describe('another enclave than the one expected', () => {
  test('one byte of the server’s code was changed', async () => {
    const image: Map<string, Uint8Array> = new Map(buildImage(echo.source));
    const code = Buffer.from(image.get('server/server.mjs') ?? []);
    const changed = code.toString().replace('socket.pipe(socket)', 'socket.pipe( socket)');
    assert.notEqual(changed, code.toString());
    image.set('server/server.mjs', Buffer.from(changed));
    assertNothingSent(await attack(await start({ image })), /refused \(pcr-mismatch\)/);
  });

  test('its settings were changed: another environment for the same code', async () => {
    const settings = { ...(echo.source.settings as object), environment: { DEBUG: '1' } };
    const image: Image = buildImage({ ...echo.source, settings });
    assertNothingSent(await attack(await start({ image })), /refused \(pcr-mismatch\)/);
  });

  test('it runs in debug mode, in which its host reads along', async () => {
    assertNothingSent(await attack(await start({ debug: true })), /refused \(debug-mode\)/);
  });

  test('its document is old', async () => {
    const clock = () => Date.now() - HOUR;
    assertNothingSent(await attack(await start({ clock })), /refused \(document-too-old\)/);
  });

  test('its hardware is an emulator, and the client pins AWS', async () => {
    const expectation = () => ({ pcrs: expected, roots: [AWS_ROOT_G1] });
    assertNothingSent(await attack(genuine, undefined, { expectation }), /refused \(root-not-pinned\)/);
  });
});

describe('a host that answers itself', () => {
  test('with the document of an earlier connection', async () => {
    const { between } = await attack(genuine);
    const document = between.answered[0]?.subarray(0, DOCUMENT) ?? Buffer.alloc(0);
    const replay: Meddle = (piece, { from, offset }) =>
      from === 'enclave' ? document.subarray(offset, offset + piece.length) : piece;
    assertNothingSent(await attack(genuine, replay), /refused \(nonce-mismatch\)/);
  });

  test('with a key of its own in the document', async () => {
    let key = -1;
    const swap: Meddle = (piece, { from, offset }) => {
      if (from !== 'enclave' || offset > 0) return piece;
      key = piece.indexOf('public_key') + 'public_key'.length + 2;
      return piece.fill(9, key, key + 32);
    };
    assertNothingSent(await attack(genuine, swap), /refused \(document-signature\)/);
    assert.ok(key > 100);
  });

  test('with no document at all', async () => {
    const noise: Meddle = (piece, { from }) => (from === 'enclave' ? piece.fill(7, 4) : piece);
    assertNothingSent(await attack(genuine, noise), /no frame with one/);
    const words: Meddle = (piece, { from }) => (from === 'enclave' ? Buffer.from('\0\0\0\x05trust') : piece);
    assertNothingSent(await attack(genuine, words), /it says, unproven: "trust"/);
    const salt: Meddle = (piece, { from, offset }) =>
      from !== 'enclave' ? piece : Buffer.alloc(offset > 0 ? 0 : 36, '\0\0\0\x20');
    assertNothingSent(await attack(genuine, salt), /no frame with one/);
    const endless: Meddle = (piece, { from }) => (from === 'enclave' ? Buffer.alloc(9, 0xff) : piece);
    assertNothingSent(await attack(genuine, endless), /a frame of 4294967295 bytes arrived/);
  });
});

describe('another server behind the same host', () => {
  test('the connection is led to another port of the same enclave', async () => {
    const folder = { ...echo.source, settings: { ...(echo.source.settings as object), ports: [7, 8] } };
    const both = await start({ guest: folder, listen: [{ ...LOOPBACK, guestPort: 8 }] });
    const { pcrs } = measureImage(buildImage(folder));
    const expectation = () => ({ pcrs, roots: [both.enclave.root] });
    // Port 8 has no server, which the guest waits for: it has to prove the port before.
    const result = await attack(both, undefined, { expectation });
    assertNothingSent(result, /refused \(user-data-mismatch\)/);
  });

  test('the connection is led to another enclave, genuine as well', async () => {
    const other = await start({
      guest: serverImage('http').source,
      listen: [{ ...LOOPBACK, guestPort: 8080 }],
    });
    assertNothingSent(await attack(other), /refused \((?:pcr|user-data)-mismatch\)/);
  });
});

describe('tampering with an open connection', () => {
  const flip =
    (from: 'client' | 'enclave', where: number): Meddle =>
    (piece, at) => {
      const index = where - at.offset;
      const byte = piece[index];
      if (at.from === from && index >= 0 && byte !== undefined) piece[index] = byte ^ 1;
      return piece;
    };

  test('a bit of the document is flipped, in many places', async () => {
    for (let where = 4; where < 4 + 4000; where += 333) {
      const result = await attack(genuine, flip('enclave', where));
      assertNothingSent(result, /refused \([\w-]+\)|no frame with one/);
    }
  });

  test('a bit of the client’s key or records is flipped: the enclave resets the connection', async () => {
    for (const where of [HELLO + 4, HELLO + KEY + 4, HELLO + KEY + 8, HELLO + KEY + 20, HELLO + KEY + 60]) {
      assertBroken(await attack(genuine, flip('client', where)), /broke off|not connected/);
    }
  });

  test('a bit of an answer is flipped', async () => {
    for (const where of [4, 8, 20, 60]) {
      const result = await attack(genuine, flip('enclave', DOCUMENT + where));
      assertBroken(result, /broke off: .*(?:altered|malformed|missing|second time|ended)/);
      assert.equal(result.talk.received.length, 0);
    }
  });

  test('the connection is cut, or ended as if it were over', async () => {
    for (const how of ['cut', 'end'] as const) {
      for (const [from, where] of [
        ['client', HELLO],
        ['client', HELLO + KEY],
        ['client', HELLO + KEY + 1],
        ['enclave', DOCUMENT],
        ['enclave', DOCUMENT + RECORD + SECRET.length],
      ] as const) {
        const cut: Meddle = (piece, at) =>
          at.from === from && at.offset + piece.length > where ? how : piece;
        assertBroken(await attack(genuine, cut), /broke off: .+|not connected: .+/);
      }
    }
  });

  test('the client’s bytes are played to the enclave a second time', async () => {
    const { between } = await attack(genuine);
    const again = await talk(genuine.addresses[0]?.port ?? 0, between.sent[0] ?? '');
    // A new key is attested, under which the old records cannot be read.
    assert.equal(again.ending, 'ECONNRESET');
    assert.ok(again.received.length <= DOCUMENT);
  });

  test('noise is sent to the enclave in a client’s name', async () => {
    for (const noise of ['', 'GET / HTTP/1.1\r\n\r\n', '\0\0\0\x41'.padEnd(69, '\x02'), '\xff'.repeat(100)]) {
      const { received, ending } = await talk(genuine.addresses[0]?.port ?? 0, Buffer.from(noise, 'latin1'));
      assert.equal(received.length, 0);
      assert.equal(ending, 'ECONNRESET');
    }
  });
});

test('after all this the same enclave still serves', async () => {
  assert.equal((await attack(genuine)).talk.received.toString(), SECRET);
  assert.equal(genuine.enclave.isUp, true);
});
