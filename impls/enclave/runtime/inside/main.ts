/**
 * The first code of the enclave process: sets up its one stream, reaches the security module over it, and
 * starts the guest that the image names. When the stream ends, so does the enclave. Runs inside: it can
 * import what is in the image, and nothing else.
 */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { securityModule } from '../../nsm/module.ts';
import { crashReason } from '../crash.ts';
import {
  CRASH_LABEL,
  type EnclaveUsage,
  type Guest,
  type ImageManifest,
  MANIFEST,
  MODULE_LABEL,
  STREAM,
  USAGE_LABEL,
} from '../guest.ts';
import { type Connection, Multiplexer } from '../multiplexer.ts';

const root = new URL('../../../../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(MANIFEST, root), 'utf8')) as ImageManifest;

const waiting: Connection[] = [];
let wanted: ((connection: Connection) => void) | undefined;

function onOpen(connection: Connection): void {
  if (connection.label === USAGE_LABEL) {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage: EnclaveUsage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 };
    connection.send(Buffer.from(JSON.stringify(usage))).catch(() => {});
    connection.end();
  } else if (wanted) {
    const resolve = wanted;
    wanted = undefined;
    resolve(connection);
  } else {
    waiting.push(connection);
  }
}

// A reused buffer: reading through 'data' events costs three times as much.
const input = new Socket({
  fd: STREAM.input,
  writable: false,
  onread: {
    buffer: new Uint8Array(2 ** 20),
    callback(length, buffer) {
      multiplexer.push(buffer.subarray(0, length));
      return true;
    },
  },
});
const output = new Socket({ fd: STREAM.output, readable: false });
const multiplexer = new Multiplexer({ input, output }, 'inside', onOpen);
const exit = process.exit.bind(process);
input.on('close', () => exit(0));
// Nothing but `onread` reads, so the end is seen only when it is asked for.
input.on('end', () => exit(0));
input.resume();

/** Whether the guest has its connections: from then on errors may quote what clients sent. */
let isServing = false;
process.on('uncaughtException', (error) => {
  // In debug mode somebody reads it.
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const report = multiplexer.open(CRASH_LABEL);
  report.send(Buffer.from(crashReason(error, isServing))).finally(() => exit(1));
});

// The first connection is the way to the security module; that it opens says that the enclave is up.
const nsm = multiplexer.open(MODULE_LABEL);
let last: Promise<unknown> = Promise.resolve();
const module = securityModule({
  // No claim: a client believes the document's root, not this.
  kind: 'emulated',
  request(cbor) {
    const answer = last.then(async () => {
      await nsm.send(cbor);
      return nsm.receive();
    });
    last = answer.catch(() => {});
    return answer;
  },
  close: () => nsm.end(),
});

const { default: guest } = (await import(new URL(manifest.guest, root).href)) as { default: Guest };
await guest({
  module,
  settings: manifest.settings,
  accept() {
    isServing = true;
    const connection = waiting.shift();
    if (connection) return Promise.resolve(connection);
    const { promise, resolve } = Promise.withResolvers<Connection>();
    wanted = resolve;
    return promise;
  },
});
exit(0);
