/** Unmodified Minecraft clients (mineflayer) with a clock. Times in ms. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../statistics/stats.ts';

const VERSION = '1.21.4';
const LIMIT_MS = 60_000;
const LEAVE_MS = 5000;
/** After somebody has joined the server is left alone for so long before chat is timed. */
const REST_MS = 500;
const CHATS = 15;
const PINGS = 10;
/**
 * Columns of the world that a player who stands still gets: (2 × view distance)². The first looks as far as
 * the server lets it; the crowd does not, since it is there to be talked to.
 */
const FAR = { viewDistance: 6, columns: 144 } as const;
const NEAR = { viewDistance: 3, columns: 36 } as const;

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
  /** Median of some status pings. */
  status(port: number): Promise<number>;
  /**
   * One player joins and looks around; then others join until there are `counts[0]`, `counts[1]`, … At each
   * count the first says something, several times, and waits to hear it. In the end all leave.
   */
  play(port: number, counts: readonly number[]): Promise<Play>;
}

export interface Play {
  /** From connecting to spawning. */
  readonly spawn: number;
  /** From connecting until the world around is loaded. */
  readonly chunks: number;
  /** Medians, in the order of the counts. */
  readonly chats: readonly number[];
}

/** @returns a sentence where the packages are missing */
export function loadPlayers(folder: string): Players | string {
  if (!existsSync(join(folder, 'node_modules/mineflayer'))) {
    return 'its packages are not installed: run "npm ci" in servers/minecraft (docs/minecraft.md)';
  }
  const require = createRequire(join(folder, 'package.json'));
  const { createBot } = require('mineflayer') as { createBot(options: object): Bot };
  const { ping } = require('minecraft-protocol') as { ping(options: object): Promise<unknown> };
  // A name that is still leaving would be turned away, so each is used once.
  let names = 0;
  const enter = (port: number, { viewDistance }: { readonly viewDistance: number }) => {
    const username = `player${names++}`;
    const address = { host: '127.0.0.1', port, username, auth: 'offline', version: VERSION };
    return new Player(createBot({ ...address, viewDistance, hideErrors: true }), username);
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
    async play(port, counts) {
      const start = performance.now();
      const first = enter(port, FAR);
      const present = [first];
      try {
        await first.spawned();
        const spawn = performance.now() - start;
        await first.sees(FAR.columns);
        const chunks = performance.now() - start;
        const chats: number[] = [];
        for (const count of counts) {
          const joining = Array.from({ length: count - present.length }, () => enter(port, NEAR));
          present.push(...joining);
          await Promise.all(joining.map((player) => player.spawned()));
          await Promise.all(joining.map((player) => player.sees(NEAR.columns)));
          await sleep(REST_MS);
          const times: number[] = [];
          for (let i = 0; i < CHATS; i++) times.push(await first.hears(`line ${i} of ${count}`));
          chats.push(median(times));
        }
        return { spawn, chunks, chats };
      } finally {
        await Promise.all(present.map((player) => player.leave()));
      }
    },
  };
}

/** Whatever it waits for ends at once, with the reason, when the player is kicked or the connection is gone. */
class Player {
  readonly #bot: Bot;
  readonly #name: string;
  readonly #gone = Promise.withResolvers<never>();
  readonly #spawned = Promise.withResolvers<void>();
  #isGone = false;

  constructor(bot: Bot, name: string) {
    this.#bot = bot;
    this.#name = name;
    const gone = (why: string) => {
      this.#isGone = true;
      this.#gone.reject(new Error(`${name} ${why}`));
    };
    this.#gone.promise.catch(() => {});
    bot.on('error', (error) => gone(`lost the connection: ${(error as Error).message}`));
    bot.once('kicked', (reason) => gone(`was kicked: ${JSON.stringify(reason)}`));
    bot.once('end', (reason) => gone(`is gone: ${reason}`));
    bot.once('spawn', () => this.#spawned.resolve());
  }

  spawned(): Promise<void> {
    return this.#unlessGone(this.#spawned.promise, 'did not spawn');
  }

  /** Resolves when so many columns of the world have arrived. */
  sees(columns: number): Promise<void> {
    const seen = async () => {
      while (!this.#isGone && this.#bot.world.getColumns().length < columns) await sleep(5);
    };
    return this.#unlessGone(seen(), 'did not see the world around');
  }

  /** From saying `text` until it is heard. */
  async hears(text: string): Promise<number> {
    const heard = Promise.withResolvers<void>();
    const hear = (message: unknown) => {
      if (String(message).includes(text)) heard.resolve();
    };
    this.#bot.on('message', hear);
    try {
      const start = performance.now();
      this.#bot.chat(text);
      await this.#unlessGone(heard.promise, 'did not hear its own chat line');
      return performance.now() - start;
    } finally {
      this.#bot.off('message', hear);
    }
  }

  async leave(): Promise<void> {
    if (!this.#isGone) {
      this.#bot.quit();
      await Promise.race([this.#gone.promise.catch(() => {}), sleep(LEAVE_MS)]);
    }
    // It would keep this process for another 30 s.
    clearTimeout(this.#bot._client.closeTimer);
  }

  async #unlessGone<T>(promise: Promise<T>, what: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`${this.#name} ${what} within ${LIMIT_MS / 1000} s`)),
      LIMIT_MS,
    );
    try {
      return await Promise.race([promise, this.#gone.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
