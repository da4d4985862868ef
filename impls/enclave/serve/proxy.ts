/**
 * The client's side: listens locally, and for every connection opens an attested stream to the enclave. A
 * program that connects here talks to the verified server or to nobody: nothing it sends leaves this process
 * before the document was accepted, and what breaks off is reset, never ended.
 */
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { release } from '../../primitives/secure-channel/release.ts';
import { AttestationError } from '../attested/check.ts';
import { type OpeningTimes, StreamOpener, type StreamOptions } from '../attested/open-stream.ts';

export interface ProxyOptions extends StreamOptions {
  readonly forward: { readonly host: string; readonly port: number };
  /** Gets one line for whatever a person should know. */
  readonly log?: (line: string) => void;
  /** Gets the times of each stream that was opened. */
  readonly onOpen?: (times: OpeningTimes) => void;
}

export interface RunningProxy {
  readonly address: { readonly host: string; readonly port: number };
  /** Ends every connection. */
  close(): void;
}

/** @throws Error when the address is taken. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { forward, log = () => {}, onOpen } = options;
  const opener = new StreamOpener(options);
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    client.on('error', () => {});
    connectThrough(opener, client).then(onOpen, (error: Error) => {
      log(lineOf(error));
      client.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`cannot listen on ${forward.host}:${forward.port}: ${cause.message}`, { cause })),
    );
    server.listen(forward.port, forward.host, resolve);
  });
  const { address, port } = server.address() as { address: string; port: number };
  return {
    address: { host: address, port },
    close() {
      server.close();
      for (const client of clients) client.resetAndDestroy();
    },
  };

  async function connectThrough(streams: StreamOpener, client: Socket): Promise<OpeningTimes> {
    const { stream, times } = await streams.open();
    const broken = (error: Error) => {
      // The server had ended properly before: the client has got everything, and is told that nobody reads.
      if (stream.readableEnded) return client.destroySoon();
      if (!client.destroyed) log(`a connection broke off: ${error.message}`);
      client.resetAndDestroy();
    };
    stream.on('error', broken);
    client.on('error', (error) => stream.destroy(error));
    client.on('close', () => {
      // One that has ended properly may have the end of its stream still under way.
      if (!client.readableEnded) stream.destroy(new Error('the client is gone'));
    });
    if (client.destroyed) stream.destroy(new Error('the client is gone'));
    handOn(client, stream);
    handOn(stream, client);
    return times;
  }
}

/** As `pipe` does, for pieces that nobody else has: their memory is given back when they are written. */
function handOn(source: Duplex, target: Duplex): void {
  source.on('data', (piece: Buffer) => {
    if (!target.write(piece, () => release(piece))) source.pause();
  });
  target.on('drain', () => source.resume());
  source.on('end', () => target.end());
  source.resume();
}

function lineOf(error: Error): string {
  const text = error.message.replaceAll(/\s+/g, ' ');
  return error instanceof AttestationError ? `refused (${error.reason}): ${text}` : `not connected: ${text}`;
}
