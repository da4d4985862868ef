/** FOR TESTS: a guest that tries to get out, and says how each attempt ended. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Guest } from './guest.ts';

/** Answers each connection: the chunk says `{ read, write, port }`, what to try to reach. */
const probe: Guest = async ({ accept }) => {
  for (;;) {
    const connection = await accept();
    const { read, write, port } = JSON.parse(Buffer.from(await connection.receive()).toString());
    const report = {
      ownFile: attempt(() => readFileSync(new URL(import.meta.url))),
      read: attempt(() => readFileSync(read)),
      list: attempt(() => readdirSync('/')),
      write: attempt(() => writeFileSync(write, 'x')),
      writeOwn: attempt(() => writeFileSync(new URL('new.txt', import.meta.url), 'x')),
      child: attempt(() => {
        const { error } = spawnSync(process.execPath, ['--version']);
        if (error) throw error;
      }),
      thread: attempt(() => new Worker('0', { eval: true })),
      network: await attemptToConnect(port),
      interfaces: Object.keys(networkInterfaces()),
      pid: process.pid,
      environment: Object.keys(process.env),
    };
    await connection.send(Buffer.from(JSON.stringify(report)));
    connection.end();
  }
};

/** 'done', or the code of the error. */
function attempt(action: () => unknown): string {
  try {
    action();
    return 'done';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function attemptToConnect(port: number): Promise<string> {
  return new Promise((resolve) => {
    try {
      const socket = connect(port, '127.0.0.1', () => resolve('done'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? String(error)));
    } catch (error) {
      resolve((error as NodeJS.ErrnoException).code ?? String(error));
    }
  });
}

export default probe;
