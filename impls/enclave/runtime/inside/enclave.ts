/**
 * What every enclave does inside, whatever its stream and its security module are made of: opens a connection
 * that says it is up, and starts the guest that the image names. When the stream ends, so does the enclave.
 */
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { type NsmDevice, securityModule } from '../../nsm/module.ts';
import { crashReason } from '../crash.ts';
import {
  CRASH_LABEL,
  type EnclaveUsage,
  type Guest,
  type ImageManifest,
  MANIFEST,
  MODULE_LABEL,
  USAGE_LABEL,
} from '../guest.ts';
import { type Connection, Multiplexer } from '../multiplexer.ts';

const root = new URL('../../../../', import.meta.url);
const exit = process.exit.bind(process);

/** The stream's two ends. Whoever made them hands what arrives to `push`. */
export interface InsideStream {
  readonly input: Readable;
  readonly output: Writable;
}

/** An enclave on a stream, before its guest has been started. */
export class Inside {
  readonly #multiplexer: Multiplexer;
  readonly #waiting: Connection[] = [];
  #wanted: ((connection: Connection) => void) | undefined;
  /** Whether the guest has its connections: from then on errors may quote what clients sent. */
  #isServing = false;

  constructor(stream: InsideStream) {
    this.#multiplexer = new Multiplexer(stream, 'inside', (connection) => this.#opened(connection));
    process.on('uncaughtException', (error) => {
      // In debug mode somebody reads it.
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      const report = this.#multiplexer.open(CRASH_LABEL);
      report.send(Buffer.from(crashReason(error, this.#isServing))).finally(() => exit(1));
    });
  }

  /** Takes bytes that have arrived; the buffer may be used again afterwards. */
  push(bytes: Uint8Array): void {
    this.#multiplexer.push(bytes);
  }

  /**
   * Runs the guest to its end, and ends.
   * @param device the security module's; by default the launcher's, over the stream
   */
  async run(device?: NsmDevice): Promise<never> {
    // The first connection is the way to the launcher's module; that it opens says that the enclave is up.
    const launcher = this.#multiplexer.open(MODULE_LABEL);
    const manifest = JSON.parse(readFileSync(new URL(MANIFEST, root), 'utf8')) as ImageManifest;
    const { default: guest } = (await import(new URL(manifest.guest, root).href)) as { default: Guest };
    await guest({
      module: securityModule(device ?? overStream(launcher)),
      settings: manifest.settings,
      accept: () => this.#accept(),
    });
    return exit(0);
  }

  #accept(): Promise<Connection> {
    this.#isServing = true;
    const connection = this.#waiting.shift();
    if (connection) return Promise.resolve(connection);
    const { promise, resolve } = Promise.withResolvers<Connection>();
    this.#wanted = resolve;
    return promise;
  }

  #opened(connection: Connection): void {
    if (connection.label === USAGE_LABEL) {
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      const usage: EnclaveUsage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 };
      connection.send(Buffer.from(JSON.stringify(usage))).catch(() => {});
      connection.end();
    } else if (this.#wanted) {
      const resolve = this.#wanted;
      this.#wanted = undefined;
      resolve(connection);
    } else {
      this.#waiting.push(connection);
    }
  }
}

function overStream(connection: Connection): NsmDevice {
  let last: Promise<unknown> = Promise.resolve();
  return {
    // No claim: a client believes the document's root, not this.
    kind: 'emulated',
    request(cbor) {
      const answer = last.then(async () => {
        await connection.send(cbor);
        return connection.receive();
      });
      last = answer.catch(() => {});
      return answer;
    },
    close: () => connection.end(),
  };
}
