/** `bench attest serve` and `bench attest proxy` as a user runs them. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { UsageError } from '../../errors.ts';
import { emptyFolder, type Finished, PROJECT, startBench } from '../../testing/cli.ts';
import { commandLine } from '../index.ts';

type Started = ReturnType<typeof startBench> & { readonly said: () => string };
const started: Started[] = [];
after(() => {
  for (const { child } of started) child.kill('SIGKILL');
});

function start(...words: string[]): Started {
  const { child, finished } = startBench(['attest', ...words], PROJECT);
  let text = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  const one = { child, finished, said: () => text };
  started.push(one);
  return one;
}

/** What `pattern` captures in what the command says, once it does. */
async function says({ said, finished }: Started, pattern: RegExp): Promise<string> {
  let end: Finished | undefined;
  void finished.then((result) => {
    end = result;
  });
  for (let i = 0; i < 600; i++) {
    const match = pattern.exec(said());
    if (match) return match[1] ?? match[0];
    if (end) throw new Error(`it ended: ${end.stderr}`);
    await setTimeout(50);
  }
  throw new Error(`it never said ${pattern}: ${said()}`);
}

const ADDRESS = /(127\.0\.0\.1:\d+)/;

async function serveAndProxy(
  guest: string,
  ...more: string[]
): Promise<{ host: Started; proxy: Started; url: string }> {
  const host = start('serve', guest, '--listen', '127.0.0.1:0');
  const enclave = await says(host, ADDRESS);
  const proxy = start(
    ...['proxy', '--enclave', enclave, '--forward', '0', '--measure', guest, '--root', 'emulator'],
    ...more,
  );
  return { host, proxy, url: `http://${await says(proxy, ADDRESS)}` };
}

test('a web server in an enclave: fetched through the proxy, ended by Ctrl-C', async () => {
  const { host, proxy, url } = await serveAndProxy('http');
  assert.equal(await (await fetch(`${url}/`)).text(), 'hello\n');
  assert.match(host.said(), /pcr0 [0-9a-f]{96}\n.*root [0-9a-f]{64}: an emulator's/s);
  for (const { child, finished } of [proxy, host]) {
    child.kill('SIGINT');
    assert.equal((await finished).code, 0);
  }
});

test('refused: the proxy pins AWS, or another server; one line each, with the reason', async () => {
  const host = start('serve', 'http', '--listen', '127.0.0.1:0');
  const enclave = await says(host, ADDRESS);
  for (const [flags, reason] of [
    [['--measure', 'http'], 'root-not-pinned'],
    [['--measure', 'echo', '--root', 'emulator'], 'pcr-mismatch|user-data-mismatch'],
    [['--pcr0', '00'.repeat(48), '--port', '8080', '--root', 'emulator'], 'pcr-mismatch'],
  ] as const) {
    const proxy = start('proxy', '--enclave', enclave, '--forward', '0', ...flags);
    const url = `http://${await says(proxy, /to (127\.0\.0\.1:\d+)/)}/`;
    await assert.rejects(fetch(url));
    await says(proxy, new RegExp(`bench attest proxy: refused \\((?:${reason})\\): .*Nothing was sent`));
    assert.equal(proxy.said().trim().split('\n').length, 2);
    proxy.child.kill('SIGKILL');
  }
  host.child.kill('SIGKILL');
});

/** Processes below `pid`, itself not among them. */
function descendants(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return new RegExp(`^PPid:\\s+${pid}$`, 'm').test(readFileSync(`/proc/${name}/status`, 'latin1'));
    } catch {
      return false;
    }
  });
  return children.flatMap((name) => [Number(name), ...descendants(Number(name))]);
}

const onLinux = process.platform === 'linux' ? false : 'only Linux shows which processes are whose';

test('a host that is killed leaves no process, and every connection ends with a line', {
  skip: onLinux,
}, async () => {
  const folder = await emptyFolder();
  writeFileSync(join(folder, 'enclave.json'), '{ "entry": "a.cjs", "ports": [80] }');
  // After its answer it computes without a pause, and does not see that its stream has ended.
  const code = "s.write('busy'), setTimeout(() => { for (;;); }, 100)";
  writeFileSync(join(folder, 'a.cjs'), `require('net').createServer((s) => { ${code} }).listen(80);`);
  const { host, proxy, url } = await serveAndProxy(folder);
  const client = connect(Number(new URL(url).port), '127.0.0.1');
  const ended = new Promise<string>((resolve) => client.once('error', (error) => resolve(error.message)));
  assert.equal(String(await new Promise((resolve) => client.once('data', resolve))), 'busy');
  await setTimeout(200);
  const inside = descendants(host.child.pid ?? 0);
  assert.ok(inside.length > 0);
  host.child.kill('SIGKILL');
  assert.match(await ended, /ECONNRESET/);
  await says(proxy, /bench attest proxy: a connection broke off: /);
  for (let i = 0; i < 100 && inside.some((pid) => existsSync(`/proc/${pid}`)); i++) await setTimeout(50);
  assert.deepEqual(
    inside.filter((pid) => existsSync(`/proc/${pid}`)),
    [],
  );
  await assert.rejects(fetch(url));
  await says(proxy, /not connected: cannot reach the enclave's host/);
  proxy.child.kill('SIGKILL');
});

test('a proxy that is killed ends its connections alone; an enclave that is killed ends its host, exit code 3', {
  skip: onLinux,
}, async () => {
  const { host, proxy: killed, url: dead } = await serveAndProxy('http');
  const client = connect(Number(new URL(dead).port), '127.0.0.1');
  const gone = new Promise<void>((resolve) => client.once('error', () => {}).once('close', () => resolve()));
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((resolve) => client.once('data', resolve));
  assert.deepEqual(descendants(killed.child.pid ?? 0), []);
  killed.child.kill('SIGKILL');
  await gone;
  // No client ends like that: whoever cuts a connection would make a request look whole.
  await says(host, /bench attest serve: a connection was ended by the enclave: .*broke off/);
  assert.equal(host.said().match(/a connection/g)?.length, 1);
  await assert.rejects(fetch(dead));
  const enclave = ADDRESS.exec(host.said())?.[1] ?? '';
  const proxy = start(
    ...['proxy', '--enclave', enclave, '--forward', '0', '--measure', 'http', '--root', 'emulator'],
  );
  const url = `http://${await says(proxy, /to (127\.0\.0\.1:\d+)/)}`;
  assert.equal(await (await fetch(`${url}/`)).text(), 'hello\n');
  const inside = descendants(host.child.pid ?? 0).at(-1);
  assert.ok(inside);
  process.kill(inside, 'SIGKILL');
  const { code, stderr } = await host.finished;
  assert.equal(code, 3);
  assert.match(stderr, /\nbench: the enclave has ended \(.*\): .*\n$/);
  await assert.rejects(fetch(url));
  proxy.child.kill('SIGKILL');
  assert.notEqual((await proxy.finished).code, 0);
});

for (const [words, message] of [
  [['serve', 'nothing', '--listen', '127.0.0.1:0'], /"nothing" is no server/],
  [['serve', 'http', '--listen', 'somewhere'], /--listen expects HOST:PORT/],
  [['serve', 'http', '--listen', '127.0.0.1:0', '--port', '9'], /--port 9: http listens on 8080/],
  [['proxy', '--enclave', 'h:1', '--forward', '0', '--port', '80'], /say which code is expected/],
  [['proxy', '--enclave', 'h:1', '--forward', '0', '--pcr0', '00'], /give --port/],
  [
    ['proxy', '--enclave', 'h:1', '--forward', '0', '--port', '80', '--pcr0', '00'],
    /--pcr0.* expected 48 bytes/,
  ],
  [['proxy', '--enclave', 'h:1', '--forward', 'x', '--measure', 'http'], /--forward expects HOST:PORT/],
  [
    ['proxy', '--enclave', 'h:1', '--forward', '0', '--measure', 'http', '--reuse', '9999'],
    /--reuse: .* 0 to 3600 s/,
  ],
  [['trace', 'echo'], /names no list/],
] as const) {
  test(`refused: bench attest ${words.join(' ')}`, async () => {
    await assert.rejects(
      async () =>
        commandLine(['attest', ...words])
          .exitProcess(false)
          .parseAsync(),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
