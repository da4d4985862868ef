/** Whether a guest gets out of its cage through any module of the pinned Node. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isolation } from './isolation.ts';
import { launchFolder } from './launch-folder.ts';
import { launchEnclave } from './launcher.ts';

test('a guest that tries every module of Node reaches nothing, and no module is new to the list', async (t) => {
  const { permissions, mounts, description } = isolation();
  if (!permissions) return t.skip(`isolation is "${description}"`);
  const folder = mkdtempSync(join(tmpdir(), 'enclave-doors-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret.js');
  writeFileSync(file, 'SECRET=1');
  const socket = join(folder, 'socket');
  let reached = 0;
  const [tcp, unix] = [createServer(), createServer()];
  const servers = [tcp, unix];
  for (const server of servers) {
    server.on('connection', (connection) => {
      reached++;
      connection.end('HTTP/1.1 200 OK\r\n\r\n');
    });
  }
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => unix.listen(socket, resolve));
  t.after(() => {
    for (const server of servers) server.close();
  });
  const port = (tcp.address() as { port: number }).port;
  const enclave = await launchEnclave({ guest: 'impls/enclave/runtime/door-guest.ts' });
  t.after(() => enclave.close());
  const connection = enclave.connect('doors');
  await connection.send(Buffer.from(JSON.stringify({ file, folder, port, socket })));
  const report = JSON.parse(Buffer.from(await connection.receive()).toString());
  t.diagnostic(`isolation: ${description}; ${report.tried} attempts`);
  assert.deepEqual(report.unknown, [], 'modules that nobody has looked at');
  assert.ok(report.tried > 30);
  if (mounts) assert.deepEqual(report.open, []);
  assert.deepEqual(readdirSync(folder).sort(), ['secret.js', 'socket']);
  assert.equal(reached, 0);
});

test('folders of launchers: its own dead are cleared away, and nothing else', () => {
  const parent = mkdtempSync(join(tmpdir(), 'launch-folders-'));
  const own = launchFolder(parent);
  const [, namespace] = /psi-enclave-\d+-(\w+)-/.exec(own) ?? [];
  // 2^22 is the highest process number that Linux gives.
  const dead = 2 ** 22 + 1;
  const names = {
    dead: `psi-enclave-${dead}-${namespace}-aaaaaa`,
    elsewhere: `psi-enclave-${dead}-12345-aaaaaa`,
    old: 'psi-enclave-abcdef',
    file: `psi-enclave-${dead}-${namespace}-bbbbbb`,
  };
  for (const name of [names.dead, names.elsewhere, names.old])
    mkdirSync(join(parent, name, 'image'), { recursive: true });
  writeFileSync(join(parent, names.file), '');
  utimesSync(join(parent, names.old), 0, 0);
  const next = launchFolder(parent);
  assert.deepEqual(
    Object.entries(names).flatMap(([what, name]) => (existsSync(join(parent, name)) ? [what] : [])),
    ['elsewhere', 'old', 'file'],
  );
  assert.ok(existsSync(own) && existsSync(next));
  rmSync(parent, { recursive: true });
});
