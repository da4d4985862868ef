import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KERNEL_ENTRY } from './guest.ts';
import { buildImage, type Image, measureImage } from './image.ts';
import { isolation } from './isolation.ts';
import { launchEnclave, type RunningEnclave } from './launcher.ts';
import { MAX_CHUNK } from './multiplexer.ts';

const ECHO = 'impls/enclave/guests/echo.ts';
const PSI = 'impls/enclave/guests/psi.ts';
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const echo = await launchEnclave({ guest: ECHO });
after(() => echo.close());

async function roundTrip(enclave: RunningEnclave, chunks: readonly Uint8Array[]): Promise<void> {
  const connection = enclave.connect('test');
  const sending = (async () => {
    for (const chunk of chunks) await connection.send(chunk);
    connection.end();
  })();
  for (const chunk of chunks) assert.ok(Buffer.from(chunk).equals(await connection.receive()));
  assert.equal(await connection.next(), null);
  await sending;
}

test('another guest than PSI: an echo, over many connections at once, with half-close', async () => {
  const lengths = [0, 1, 100, MAX_CHUNK, 5, MAX_CHUNK, MAX_CHUNK, MAX_CHUNK, MAX_CHUNK, MAX_CHUNK, 0, 3];
  const runs = Array.from({ length: 8 }, () =>
    roundTrip(
      echo,
      lengths.map((n) => randomBytes(n)),
    ),
  );
  await Promise.all(runs);
});

test('a connection that nobody reads lets its peer wait, and no other connection', async () => {
  const idle = echo.connect('idle');
  let sent = 0;
  const sending = (async () => {
    for (;;) {
      await idle.send(new Uint8Array(MAX_CHUNK));
      sent++;
    }
  })();
  for (let i = 0; i < 20; i++) await roundTrip(echo, [randomBytes(MAX_CHUNK)]);
  // At most one window in each direction, and what the guest holds in its hands.
  assert.ok(sent >= 4 && sent <= 10, `${sent} MiB were taken`);
  idle.reset('enough');
  await assert.rejects(sending, /enough/);
  await roundTrip(echo, [randomBytes(10)]);
});

test('a chunk that is too long is refused at its source', async () => {
  const connection = echo.connect('test');
  await assert.rejects(connection.send(new Uint8Array(MAX_CHUNK + 1)), /a chunk has at most/);
  connection.reset('done');
});

test('it says what its process has used', async () => {
  const before = await echo.usage();
  await roundTrip(echo, [randomBytes(MAX_CHUNK)]);
  const { cpuMs, peakBytes } = await echo.usage();
  assert.ok(cpuMs > before.cpuMs);
  assert.ok(peakBytes > 2 ** 24);
});

test('an enclave that has ended says so', async () => {
  const enclave = await launchEnclave({ guest: ECHO });
  const connection = enclave.connect('test');
  assert.equal(enclave.isUp, true);
  enclave.close();
  assert.equal(enclave.isUp, false);
  await assert.rejects(connection.receive(), /the enclave was closed/);
  assert.throws(() => enclave.connect('test'), /the enclave was closed/);
});

/** The echo guest with a statement of the test's before its loop. */
function echoWith(statement: string): Image {
  const image = new Map(buildImage(ECHO));
  const source = Buffer.from(image.get(ECHO) ?? []).toString();
  const changed = source.replace('for (;;) void', `${statement}; for (;;) void`);
  assert.notEqual(changed, source);
  return image.set(ECHO, Buffer.from(changed));
}

test('what a guest has used is known while it computes without a pause', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('only Linux tells what another process has used');
    return;
  }
  const enclave = await launchEnclave({ guest: ECHO, image: echoWith('await accept(); for (;;)') });
  enclave.connect('test');
  await setTimeout(50);
  const before = await enclave.usage();
  await setTimeout(150);
  assert.ok((await enclave.usage()).cpuMs > before.cpuMs + 20);
  enclave.close();
});

test('what a guest prints is nobody’s, and not the stream', async () => {
  const image = echoWith(
    "console.log('x'.repeat(1e5)); console.error('y'.repeat(1e5)); process.stdin.resume()",
  );
  const enclave = await launchEnclave({ guest: ECHO, image });
  await roundTrip(enclave, [randomBytes(1000)]);
  enclave.close();
});

test('a crash: its reason reaches the host; what clients sent does not', async () => {
  const loading = echoWith("await null; throw new TypeError('a setting is missing')");
  const early = await launchEnclave({ guest: ECHO, image: loading });
  const lost = await early.connect('test').whenReset;
  assert.match(
    lost.message,
    /has ended \(exit code 1\): TypeError: a setting is missing \(impls\/.*echo\.ts:\d+\)/,
  );

  const serving = echoWith("throw new RangeError('secret ' + (await (await accept()).receive()))");
  const late = await launchEnclave({ guest: ECHO, image: serving });
  const connection = late.connect('test');
  await connection.send(new Uint8Array(7));
  const { message } = await connection.whenReset;
  assert.match(message, /has ended \(exit code 1\): RangeError \(impls\/.*echo\.ts:\d+\)$/);
});

test('an image may ask for flags of Node’s, measured, but for none that opens a way out', async () => {
  const [plain, other] = [undefined, ['--disable-proto=delete', '--max-old-space-size=100']].map((flags) =>
    buildImage({ guest: ECHO, ...(flags && { flags }) }),
  );
  assert.ok(plain && other);
  assert.notDeepEqual(measureImage(plain).pcrs[0], measureImage(other).pcrs[0]);
  const enclave = await launchEnclave({ guest: ECHO, image: other });
  await roundTrip(enclave, [randomBytes(10)]);
  enclave.close();
  for (const flag of [
    '--allow-net',
    '--allow-fs-read=/etc',
    '--import=x',
    '--inspect',
    '--allow-child-process',
  ]) {
    assert.throws(() => buildImage({ guest: ECHO, flags: [flag] }), /may not ask for/);
    const forged = new Map(plain).set(
      'image.json',
      Buffer.from(JSON.stringify({ guest: ECHO, flags: [flag] })),
    );
    await assert.rejects(launchEnclave({ guest: ECHO, image: forged }), /may not ask for/);
  }
});

test('an enclave whose image lacks a file does not come up', async () => {
  const image = new Map(buildImage(ECHO));
  image.delete('impls/enclave/runtime/multiplexer.ts');
  await assert.rejects(
    launchEnclave({ guest: ECHO, image }),
    /the enclave has ended .*Cannot find module .*multiplexer\.ts/,
  );
});

test('it cannot read, write, connect, start a process or a thread', async (t) => {
  const { namespaces, permissions, description } = isolation();
  if (!permissions) {
    t.skip(`this platform offers no permission model: isolation is "${description}"`);
    return;
  }
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = (server.address() as { port: number }).port;
  const target = join(tmpdir(), `enclave-probe-${process.pid}`);
  const enclave = await launchEnclave({ guest: 'impls/enclave/runtime/probe-guest.ts' });
  try {
    const connection = enclave.connect('probe');
    const read = fileURLToPath(new URL('../../../package.json', import.meta.url));
    await connection.send(Buffer.from(JSON.stringify({ read, write: target, port })));
    const { interfaces, pid, environment, ...attempts } = JSON.parse(
      Buffer.from(await connection.receive()).toString(),
    );
    // Node hands this one to every process that it starts, when tests run with coverage.
    const given = (environment as string[]).filter((name) => name !== 'NODE_V8_COVERAGE');
    const denied = 'ERR_ACCESS_DENIED';
    assert.deepEqual(attempts, {
      ownFile: 'done',
      read: denied,
      list: denied,
      write: denied,
      writeOwn: denied,
      child: denied,
      thread: denied,
      network: denied,
    });
    assert.equal(existsSync(target), false);
    if (process.platform !== 'win32') assert.deepEqual(given, []);
    if (namespaces) {
      assert.deepEqual(interfaces, []);
      assert.equal(pid, 1);
    } else {
      t.diagnostic(`no namespaces here: isolation is "${description}"`);
    }
  } finally {
    enclave.close();
    server.close();
  }
});

test('where what it was to be shut in with is missing, it is started in what there is', (t) => {
  if (!isolation().namespaces) return t.skip('there are no namespaces that could be missing');
  const launcher = new URL('./launcher.ts', import.meta.url).href;
  const script = `
    const { launchEnclave } = await import(${JSON.stringify(launcher)});
    const enclave = await launchEnclave({ guest: ${JSON.stringify(ECHO)} });
    console.log(enclave.isolation.description);
    enclave.close();`;
  // In a namespace that may have none below it.
  const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
  const node = [process.execPath, '--input-type=module', '-e', script];
  const args = ['--user', '--map-root-user', 'sh', '-c', forbid, 'forbid', ...node];
  const { stdout } = spawnSync('unshare', args, { encoding: 'utf8' });
  assert.equal(stdout, "Node's permission model only (no Linux namespaces here)\n");
});

test('namespaces alone keep it off the network', (t) => {
  if (!isolation().namespaces) {
    t.skip(`this platform offers no namespaces: isolation is "${isolation().description}"`);
    return;
  }
  const code = `require('node:net').connect(${'1'}, '127.0.0.1').on('error', (e) => console.log(e.code))`;
  const args = ['--user', '--map-root-user', '--net', '--pid', '--fork', process.execPath, '-e', code];
  assert.match(spawnSync('unshare', args, { encoding: 'utf8' }).stdout, /ENETUNREACH/);
});

test('the image: everything that runs is in it, nothing of the machine, and it repeats', () => {
  const source = { guest: PSI, entry: KERNEL_ENTRY };
  const image = buildImage(source);
  const names = [...image.keys()];
  assert.deepEqual(names, [...names].sort());
  for (const name of [
    KERNEL_ENTRY,
    PSI,
    'impls/primitives/third-party/server.ts',
    'impls/primitives/oblivious/assembly/index.ts',
    'node_modules/@hpke/core/esm/mod.js',
    'node_modules/@hpke/common/esm/mod.js',
    'node_modules/cborg/cborg.js',
  ]) {
    assert.ok(image.has(name), name);
  }
  for (const kernel of ['digest', 'join', 'oblivious']) {
    assert.ok(
      names.some((name) => name.startsWith(`build/${kernel}-`) && name.endsWith('.wasm')),
      kernel,
    );
  }
  // What is the hypervisor's or the client's has no business inside.
  assert.ok(!names.some((name) => /nsm\/(emulated|certificates)|attestation\/|launcher|bench\//.test(name)));
  for (const bytes of image.values())
    assert.ok(!Buffer.from(bytes).includes(fileURLToPath(new URL('../../..', import.meta.url))));
  assert.deepEqual(measureImage(buildImage(source)), measureImage(image));
});

test('measurements: any byte of any file, and any name, changes PCR 0 and one of PCR 1 and 2', () => {
  const image = buildImage(ECHO);
  const { pcrs } = measureImage(image);
  assert.equal(new Set([0, 1, 2].map((i) => hex(pcrs[i as 0 | 1 | 2]))).size, 3);
  for (const [path, bytes] of image) {
    const changed = bytes.slice();
    changed[changed.length >> 1]! ^= 1;
    const after = measureImage(new Map(image).set(path, changed)).pcrs;
    const index = path.startsWith('impls/enclave/runtime/') ? 1 : 2;
    assert.notEqual(hex(after[0]), hex(pcrs[0]), path);
    assert.notEqual(hex(after[index]), hex(pcrs[index]), path);
    assert.equal(hex(after[index === 1 ? 2 : 1]), hex(pcrs[index === 1 ? 2 : 1]), path);
  }
  const renamed = new Map([...image].map(([path, bytes]) => [path === ECHO ? `${ECHO}x` : path, bytes]));
  assert.notEqual(hex(measureImage(renamed).pcrs[0]), hex(pcrs[0]));
});
