/**
 * The relay's process: stands between the parties of one cell and makes every connection a link of
 * the asked bandwidth and round-trip time. A process of its own, so that its work is not charged to
 * a party. Started by `relay-process.ts`; it is not a command.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { monotonicMs } from '../party/messages.ts';
import type { Link } from './index.ts';
import { type Carried, Direction } from './pipe.ts';
import { PreciseTimer } from './precise-timer.ts';

const LOOPBACK = '127.0.0.1';
/** Nearer than this the event loop polls instead of sleeping: a sleeper might wake too late. */
const POLL_MS = 0.08;

export type ToRelay =
  /** `ports`: where each link leads to. */
  | { readonly type: 'open'; readonly link: Link; readonly ports: readonly number[] }
  | { readonly type: 'read' };

export type FromRelay =
  /** Where each link begins, in the order of `open`. */
  | { readonly type: 'opened'; readonly ports: readonly number[] }
  /** What each link carried since the last reading; `forward` is from its beginning to where it leads. */
  | { readonly type: 'carried'; readonly links: readonly LinkCarried[]; readonly cpuMs: number };

export interface LinkCarried {
  readonly forward: Carried;
  readonly backward: Carried;
}

class Relay {
  readonly #directions = new Set<Direction>();
  readonly #timer = new PreciseTimer(() => this.#pump());
  readonly #links: LinkCarried[] = [];
  #pumping = false;
  #cpu = process.cpuUsage();

  /** Listens on a port of its own for `target`, and relays every connection to it. */
  async open(link: Link, target: number): Promise<number> {
    const carried = { forward: nothing(), backward: nothing() };
    this.#links.push(carried);
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (near) => {
      const far = connect({ port: target, host: LOOPBACK, allowHalfOpen: true, noDelay: true });
      this.#join(near, far, link, carried);
      far.once('connect', () => near.resume());
    });
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  #join(near: Socket, far: Socket, link: Link, carried: LinkCarried): void {
    const schedule = (direction: Direction) => this.#schedule(direction);
    const forward = new Direction(near, far, link, carried.forward, schedule);
    const backward = new Direction(far, near, link, carried.backward, schedule);
    this.#directions.add(forward).add(backward);
    const drop = () => {
      this.#directions.delete(forward);
      this.#directions.delete(backward);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      socket.on('error', drop); // a party was killed: the other one is to notice
      socket.on('close', drop);
    }
  }

  #schedule(direction: Direction): void {
    const leftMs = direction.dueMs - monotonicMs();
    if (leftMs < POLL_MS || direction.dueMs === Number.POSITIVE_INFINITY) this.#poll();
    else this.#timer.set(direction.dueMs);
  }

  #poll(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const direction of this.#directions) {
      direction.release();
      dueMs = Math.min(dueMs, direction.dueMs);
    }
    if (dueMs === Number.POSITIVE_INFINITY) return;
    if (dueMs - monotonicMs() < POLL_MS) this.#poll();
    else this.#timer.set(dueMs);
  }

  read(): Extract<FromRelay, { type: 'carried' }> {
    const links = this.#links.map(({ forward, backward }) => ({
      forward: { ...forward },
      backward: { ...backward },
    }));
    for (const { forward, backward } of this.#links) {
      Object.assign(forward, nothing());
      Object.assign(backward, nothing());
    }
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    return { type: 'carried', links, cpuMs: (user + system) / 1000 };
  }
}

function nothing(): Carried {
  return { bytes: 0, lateBytes: 0 };
}

/** A network does not wait until the parties leave it a core. Where the system forbids it, so be it. */
function raisePriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch {
    // Calibration tells whether it matters.
  }
}

function main(): void {
  raisePriority(); // before there are threads, which inherit it
  const relay = new Relay();
  const tell = (message: FromRelay) => process.send!(message);
  process.on('message', async (message: ToRelay) => {
    if (message.type === 'read') tell(relay.read());
    else {
      const ports = await Promise.all(message.ports.map((port) => relay.open(message.link, port)));
      tell({ type: 'opened', ports });
    }
  });
  // The harness decides: an interrupt at the terminal reaches the whole process group.
  process.on('SIGINT', () => {});
  // Without the harness there is nobody to relay for: never outlive it.
  process.on('disconnect', () => process.exit(0));
}

main();
