/**
 * What `listen` means inside an enclave, which has no network: a server enters itself under its port, and
 * gets the connections that come over the one stream. Everything that is built on `net.Server` (http, tls,
 * ordinary packages) goes through it.
 */
import { Server } from 'node:net';

/** A server that listens. */
export interface Listening {
  readonly server: Server;
  readonly port: number;
}

/** Ports that a server gets who asks for any. */
const FIRST_FREE_PORT = 49_152;

/** The servers of this enclave, by port. */
export class Ports {
  readonly #listening = new Map<number, Server>();
  readonly #waiting = new Map<number, ((server: Server) => void)[]>();

  /** The server that listens on `port`; waits for it, since a server takes a while to start. */
  whenListening(port: number): Promise<Server> {
    const server = this.#listening.get(port);
    if (server) return Promise.resolve(server);
    return new Promise((resolve) => {
      this.#waiting.set(port, [...(this.#waiting.get(port) ?? []), resolve]);
    });
  }

  /** Puts itself in the place of `listen`, `close` and what belongs to them. To be called once. */
  install(): void {
    const ports = this;
    const open = new WeakMap<Server, { port: number }>();
    const methods = {
      listen(this: Server, ...args: unknown[]) {
        const port = ports.#portOf(args);
        const callback = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined;
        if (callback) this.once('listening', callback);
        process.nextTick(() => {
          if (port === undefined) {
            this.emit('error', new Error('an enclave has no sockets but TCP ports: listen on a number'));
          } else if (open.has(this) || ports.#listening.has(port)) {
            const taken = new Error(`listen EADDRINUSE: address already in use :::${port}`);
            this.emit('error', Object.assign(taken, { code: 'EADDRINUSE', syscall: 'listen', port }));
          } else {
            open.set(this, { port });
            ports.#enter(port, this);
            this.emit('listening');
          }
        });
        return this;
      },
      close(this: Server, callback?: (error?: Error) => void) {
        const state = open.get(this);
        if (callback)
          this.once('close', state ? callback : () => callback(new Error('Server is not running.')));
        if (state) ports.#listening.delete(state.port);
        open.delete(this);
        process.nextTick(() => this.emit('close'));
        return this;
      },
      address(this: Server) {
        const state = open.get(this);
        return state ? { address: '127.0.0.1', family: 'IPv4', port: state.port } : null;
      },
      ref(this: Server) {
        return this;
      },
      unref(this: Server) {
        return this;
      },
    };
    Object.assign(Server.prototype, methods);
    Object.defineProperty(Server.prototype, 'listening', {
      configurable: true,
      get(this: Server) {
        return open.has(this);
      },
    });
  }

  #enter(port: number, server: Server): void {
    this.#listening.set(port, server);
    for (const resolve of this.#waiting.get(port) ?? []) resolve(server);
    this.#waiting.delete(port);
  }

  /** `listen(port, …)`, `listen({ port, … })`, or none; 0 is any free one. */
  #portOf([first]: readonly unknown[]): number | undefined {
    const given = typeof first === 'object' && first !== null ? (first as { port?: unknown }).port : first;
    const port = Number(given === undefined || typeof given === 'function' ? 0 : given);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) return undefined;
    if (port > 0) return port;
    let free = FIRST_FREE_PORT;
    while (this.#listening.has(free)) free += 1;
    return free;
  }
}
