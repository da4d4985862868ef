/** FOR TESTS: a host between proxy and host that does what it likes with the bytes. */
import { connect, createServer, type Socket } from 'node:net';

export interface Middleman {
  readonly port: number;
  /** Bytes from the client's side, by connection. */
  readonly sent: readonly Buffer[];
  /** Bytes from the enclave's side, by connection. */
  readonly answered: readonly Buffer[];
  close(): void;
}

/** What to do with a piece: hand on other bytes, nothing, or cut both connections. */
export type Meddle = (
  piece: Buffer,
  at: { readonly from: 'client' | 'enclave'; readonly connection: number; readonly offset: number },
) => Buffer | 'end' | 'cut';

/** Relays to `port`, through `meddle`. */
export async function middleman(port: number, meddle: Meddle = (piece) => piece): Promise<Middleman> {
  const sent: Buffer[] = [];
  const answered: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const enclave = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const connection = sent.push(Buffer.alloc(0)) - 1;
    answered.push(Buffer.alloc(0));
    const wire = (from: 'client' | 'enclave', source: Socket, target: Socket, seen: Buffer[]) => {
      sockets.add(source);
      source.on('error', () => {});
      source.on('close', () => target.destroy());
      source.on('end', () => target.end());
      source.on('data', (piece: Buffer) => {
        const before = seen[connection] ?? Buffer.alloc(0);
        seen[connection] = Buffer.concat([before, piece]);
        const result = meddle(Buffer.from(piece), { from, connection, offset: before.length });
        if (result === 'cut' || result === 'end') {
          source.destroy();
          result === 'cut' ? target.resetAndDestroy() : target.end();
        } else {
          target.write(result);
        }
      });
    };
    wire('client', client, enclave, sent);
    wire('enclave', enclave, client, answered);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    sent,
    answered,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
