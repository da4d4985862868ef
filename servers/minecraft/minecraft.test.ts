/** An unmodified client on the Minecraft server in the enclave. Needs the packages of this folder. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildImage, type Image, measureImage } from '../../impls/enclave/runtime/image.ts';
import { hostServer } from '../../impls/enclave/serve/host.ts';
import { startProxy } from '../../impls/enclave/serve/proxy.ts';
import { listedFiles, serverImage } from '../../impls/enclave/serve/server-image.ts';
import { middleman } from '../../impls/enclave/testing/middleman.ts';

const folder = import.meta.dirname;
const require = createRequire(import.meta.url);
const skip = existsSync(join(folder, 'node_modules/flying-squid'))
  ? false
  : 'the packages are not here: run "npm ci" in servers/minecraft (docs/minecraft.md)';

/** What this test uses of mineflayer. */
interface Bot {
  readonly entity: { readonly position: { offset(x: number, y: number, z: number): unknown } };
  readonly _client: { readonly closeTimer?: NodeJS.Timeout };
  readonly world: { getColumns(): readonly unknown[] };
  once(event: string, listener: (value: unknown) => void): void;
  on(event: string, listener: (value: unknown) => void): void;
  waitForChunksToLoad(): Promise<void>;
  blockAt(place: unknown): { readonly name: string } | null;
  chat(text: string): void;
  quit(): void;
  end(): void;
}
interface BotOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly auth: 'offline';
  readonly version: string;
}

const closing: { close(): void }[] = [];
after(() => {
  for (const one of closing) one.close();
});

/** The server, a middleman who watches, and a proxy that demands the PCRs of this folder's code. */
async function play(image?: Image) {
  const { source } = serverImage('minecraft');
  const lines: string[] = [];
  const host = await hostServer({
    guest: source,
    listen: [{ host: '127.0.0.1', port: 0, guestPort: 25565 }],
    ...(image && { image }),
  });
  const between = await middleman(host.addresses[0]?.port ?? 0);
  const { pcrs } = measureImage(buildImage(source));
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: between.port,
    service: 'tcp/25565',
    expectation: () => ({ pcrs, roots: [host.enclave.root] }),
    forward: { host: '127.0.0.1', port: 0 },
    log: (line) => lines.push(line),
  });
  closing.push(proxy, between, host);
  return { port: proxy.address.port, between, lines, host };
}

function joinAs(username: string, port: number): Bot {
  const { createBot } = require('mineflayer') as { createBot(options: BotOptions): Bot };
  const bot = createBot({ host: '127.0.0.1', port, username, auth: 'offline', version: '1.21.4' });
  closing.push({
    close() {
      bot.end();
      // It would keep this process for another 30 s.
      clearTimeout(bot._client.closeTimer);
    },
  });
  return bot;
}

/** The value of the next such event. @throws what the bot reports in its place */
function next(bot: Bot, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    bot.once(event, resolve);
    bot.once('error', reject);
    bot.once('kicked', (reason) => reject(new Error(`kicked: ${JSON.stringify(reason)}`)));
  });
}

test('the list of files names what the locked packages have', () => {
  const names = listedFiles(join(folder, 'files.txt'));
  assert.ok(names.length > 500);
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string; resolved?: string }>;
  };
  for (const name of names) {
    const owner = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '';
    assert.match(lock.packages[owner]?.integrity ?? '', /^sha512-/, name);
  }
  for (const [name, { resolved }] of Object.entries(lock.packages)) assert.equal(resolved, undefined, name);
});

test('two players join, spawn, look at the world, and talk', { skip }, async () => {
  const { port, between, lines } = await play();
  const alice = joinAs('alice', port);
  await next(alice, 'spawn');
  await alice.waitForChunksToLoad();
  assert.ok(alice.world.getColumns().length >= 9);
  assert.equal(alice.blockAt(alice.entity.position.offset(0, -1, 0))?.name, 'grass_block');
  const bob = joinAs('bob', port);
  await next(bob, 'spawn');
  const heard = new Promise<string>((resolve) => {
    alice.on('message', (message) => /hello, alice/.test(String(message)) && resolve(String(message)));
  });
  bob.chat('hello, alice');
  assert.match(await heard, /<bob> hello, alice/);
  for (const bot of [alice, bob]) {
    const gone = next(bot, 'end');
    bot.quit();
    await gone;
  }
  assert.equal(between.sent.length, 2);
  for (const seen of [...between.sent, ...between.answered]) assert.ok(!seen.includes('alice'));
  assert.deepEqual(lines, []);
});

test('the list of servers shows it: the status ping goes through', { skip }, async () => {
  const { port } = await play();
  const { ping } = require('minecraft-protocol') as {
    ping(options: { host: string; port: number; version: string }): Promise<{ version: { name: string } }>;
  };
  const status = await ping({ host: '127.0.0.1', port, version: '1.21.4' });
  assert.equal(status.version.name, '1.21.4');
});

test('one byte of a package is changed: refused before anything is sent', { skip }, async () => {
  const image = new Map(buildImage(serverImage('minecraft').source));
  const path = 'server/node_modules/flying-squid/src/index.js';
  const code = image.get(path)?.slice();
  assert.ok(code);
  code[code.indexOf(0x20)] = 0x09; // a blank becomes a tab
  const { port, between, lines } = await play(image.set(path, code));
  const bot = joinAs('alice', port);
  await assert.rejects(next(bot, 'spawn'), /ECONNRESET/);
  assert.match(lines[0] ?? '', /refused \(pcr-mismatch\)/);
  assert.deepEqual(
    between.sent.map((bytes) => bytes.length),
    [4 + 65],
  );
});
