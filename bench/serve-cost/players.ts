/** Unmodified Minecraft clients (mineflayer) with a clock. Times in ms. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../statistics/stats.ts';

const VERSION = '1.21.4';
const LIMIT_MS = 90_000;
const LEAVE_MS = 5000;
const CHATS = 15;
const PINGS = 10;
/** Columns of the world that a player gets who stands still: what the server's view distance of 6 gives. */
const COLUMNS = 144;

/** What is used of mineflayer, which has types of its own in its packages. */
interface Bot {
  readonly _client: { readonly closeTimer?: NodeJS.Timeout };
  once(event: string, listener: (value: unknown) => void): void;
  on(event: string, listener: (value: unknown) => void): void;
  off(event: string, listener: (value: unknown) => void): void;
  readonly world: { getColumns(): readonly unknown[] };
  chat(text: string): void;
  quit(): void;
}

export interface Players {
  status(port: number): Promise<number>;
  /** One player joins and leaves. */
  join(port: number): Promise<{ readonly spawn: number; readonly chunks: number }>;
  /** So many players join; the first says something, several times, and waits to hear it: the median. */
  chat(port: number, count: number): Promise<number>;
}

/** @returns a sentence where the packages are missing */
export function loadPlayers(folder: string): Players | string {
  if (!existsSync(join(folder, 'node_modules/mineflayer'))) {
    return 'its packages are not installed: run "npm ci" in servers/minecraft (docs/minecraft.md)';
  }
  const require = createRequire(join(folder, 'package.json'));
  const { createBot } = require('mineflayer') as { createBot(options: object): Bot };
  const { ping } = require('minecraft-protocol') as { ping(options: object): Promise<unknown> };

  /** Those that are gone already, for whatever reason. */
  const ended = new WeakSet<Bot>();
  const enter = async (port: number, username: string) => {
    const start = performance.now();
    const bot = createBot({
      host: '127.0.0.1',
      port,
      username,
      auth: 'offline',
      version: VERSION,
      hideErrors: true,
    });
    bot.once('end', () => ended.add(bot));
    await event(bot, 'spawn');
    return { bot, start, spawn: performance.now() - start };
  };
  const leave = async (bots: readonly Bot[]) => {
    await Promise.all(
      bots.map(async (bot) => {
        if (!ended.has(bot)) {
          const gone = new Promise<void>((resolve) => bot.once('end', () => resolve()));
          bot.quit();
          await Promise.race([gone, sleep(LEAVE_MS)]);
        }
        clearTimeout(bot._client.closeTimer);
      }),
    );
  };
  return {
    async status(port) {
      const times: number[] = [];
      for (let i = 0; i < PINGS; i++) {
        const start = performance.now();
        await ping({ host: '127.0.0.1', port, version: VERSION });
        times.push(performance.now() - start);
      }
      return median(times);
    },
    async join(port) {
      const { bot, start, spawn } = await enter(port, 'player');
      await wholeView(bot);
      const chunks = performance.now() - start;
      await leave([bot]);
      return { spawn, chunks };
    },
    async chat(port, count) {
      const bots: Bot[] = [];
      for (let i = 0; i < count; i++) bots.push((await enter(port, `player${i}`)).bot);
      // Until the world has come to everybody, and the server rests.
      await Promise.all(bots.map(wholeView));
      await sleep(1000);
      const [speaker] = bots;
      const times: number[] = [];
      for (let i = 0; speaker && i < CHATS; i++) times.push(await echoOf(speaker, `line ${i} of ${count}`));
      await leave(bots);
      return median(times);
    },
  };
}

function event(bot: Bot, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no "${name}" within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    bot.once(name, (value) => {
      clearTimeout(timer);
      resolve(value);
    });
    bot.once('error', reject);
    bot.once('kicked', (reason) => reject(new Error(`a player was kicked: ${JSON.stringify(reason)}`)));
  });
}

/** Resolves when all of the world that a player sees has arrived. */
async function wholeView(bot: Bot): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (bot.world.getColumns().length < COLUMNS) {
    if (performance.now() > end) throw new Error(`the world was not there after ${LIMIT_MS / 1000} s`);
    await sleep(5);
  }
}

async function echoOf(bot: Bot, text: string): Promise<number> {
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a chat line was not heard')), LIMIT_MS);
    const hear = (message: unknown) => {
      if (!String(message).includes(text)) return;
      clearTimeout(timer);
      bot.off('message', hear);
      resolve();
    };
    bot.on('message', hear);
    bot.chat(text);
  });
  return performance.now() - start;
}
