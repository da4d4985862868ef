/** FOR TESTS: a plain client, which knows nothing of enclaves. */
import { connect, type Socket } from 'node:net';

/** How a conversation ended. */
export interface Talk {
  readonly received: Buffer;
  /** 'end': the server closed; otherwise the error's code. */
  readonly ending: string;
}

/** Connects to `port`, sends `text`, ends its direction, and reads until the other end closes. */
export function talk(port: number, text: string | Uint8Array): Promise<Talk> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const received: Buffer[] = [];
    let ending = 'end';
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      ending = error.code ?? error.message;
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve({ received: Buffer.concat(received), ending }));
    socket.end(text);
  });
}

/** An open connection to `port` that sends and waits for as many bytes back. */
export async function dial(port: number): Promise<{ socket: Socket; ask(text: string): Promise<string> }> {
  const socket = connect({ port, host: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => {});
  return {
    socket,
    ask(text) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      let answer = '';
      const close = () => reject(new Error('the connection was closed'));
      const take = (bytes: Buffer) => {
        answer += bytes.toString();
        if (answer.length < text.length) return;
        socket.off('data', take).off('close', close);
        resolve(answer);
      };
      socket.on('data', take).once('close', close);
      socket.write(text);
      return promise;
    },
  };
}
