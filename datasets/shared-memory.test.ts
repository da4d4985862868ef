import assert from 'node:assert/strict';
import { createCipheriv, createHash, createHmac, hash } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { itemAt } from '../impls/primitives/items.ts';
import { loadItems } from './dataset.ts';

const spec = { kind: 'patients', receiverSize: 1000, senderSize: 0, overlap: 0, seed: 1 } as const;

test('node:crypto takes items in shared memory', async () => {
  const item = itemAt(await loadItems(spec, 'receiver'), 7);
  const copy = Uint8Array.from(item);
  assert.equal(hash('sha256', item), hash('sha256', copy));
  assert.equal(createHash('sha256').update(item).digest('hex'), hash('sha256', copy));
  const mac = (data: Uint8Array) => createHmac('sha256', 'key').update(data).digest('hex');
  assert.equal(mac(item), mac(copy));
  const encrypt = (data: Uint8Array) =>
    createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12)).update(data).toString('hex');
  assert.equal(encrypt(item), encrypt(copy));
});

test('sockets send items in shared memory', async () => {
  const { data } = await loadItems(spec, 'receiver');
  const received = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('end', () => {
        server.close();
        resolve(Buffer.concat(chunks));
      });
    });
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      connect((server.address() as AddressInfo).port, '127.0.0.1').end(data);
    });
  });
  assert.deepEqual(received, Buffer.from(data));
});

test('a worker thread sees the same memory, not a copy', async () => {
  const { data } = await loadItems(spec, 'receiver');
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    workerData[0] ^= 0xff;
    parentPort.postMessage('done');`;
  const before = data[0]!;
  const worker = new Worker(program, { eval: true, workerData: data });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  assert.equal(data[0], before ^ 0xff);
});
