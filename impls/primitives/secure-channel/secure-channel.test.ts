import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { generateKeyPair } from './hpke.ts';
import {
  CiphertextError,
  MAX_PAYLOAD,
  MAX_RECORD,
  RECORD_OVERHEAD,
  RecordOpener,
  RecordSealer,
} from './records.ts';
import { acceptSecure, connectSecure, type Pipe, type SecureChannel } from './secure-channel.ts';

const random = {
  bytes: (length: number) => new Uint8Array(randomBytes(length)),
  fill: (target: Uint8Array) => target,
};
const info = new TextEncoder().encode('test');

/** A pipe whose messages a hostile host may change on their way: `host` maps what was sent to what arrives. */
class HostilePipe implements Pipe {
  readonly arrived: Uint8Array[] = [];
  readonly lengths: number[] = [];
  other!: HostilePipe;
  host: (message: Uint8Array, index: number) => Uint8Array[] = (message) => [message];
  async send(message: Uint8Array) {
    const index = this.lengths.push(message.length) - 1;
    for (const one of this.host(message.slice(), index)) this.other.arrived.push(one);
  }
  async receive() {
    const message = this.arrived.shift();
    if (!message) throw new Error('the peer is gone');
    return message;
  }
}

async function connect(serverInfo = info) {
  const clientPipe = new HostilePipe();
  const serverPipe = new HostilePipe();
  clientPipe.other = serverPipe;
  serverPipe.other = clientPipe;
  const keyPair = await generateKeyPair(random);
  const client = await connectSecure(clientPipe, keyPair.publicKey, info, random);
  const server = await acceptSecure(serverPipe, keyPair, serverInfo);
  assert.deepEqual(server.encapsulated, client.encapsulated);
  clientPipe.lengths.length = 0;
  return { client: client.channel, server: server.channel, clientPipe, serverPipe };
}

const fault = (name: string) => (error: unknown) => error instanceof CiphertextError && error.fault === name;
const threeRecords = new Uint8Array(2 * MAX_PAYLOAD + 5).fill(7);

test('a record is AES-256-GCM with the counter as nonce and the header as associated data', () => {
  const key = randomBytes(32);
  const sealer = new RecordSealer(key);
  sealer.seal('last', [], new Uint8Array(RECORD_OVERHEAD));
  const record = sealer.seal('last', [Buffer.from('abc')], new Uint8Array(100));
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from('000000000000000000000001', 'hex'));
  cipher.setAAD(Buffer.from('0100000001', 'hex'));
  const body = Buffer.concat([cipher.update('abc'), cipher.final(), cipher.getAuthTag()]);
  assert.deepEqual(Buffer.from(record), Buffer.concat([Buffer.from('0100000001', 'hex'), body]));
});

test('messages of any length go both ways, in records of at most 1 MiB', async () => {
  const { client, server, clientPipe } = await connect();
  for (const length of [0, 1, MAX_PAYLOAD - 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 2 * MAX_PAYLOAD + 5]) {
    clientPipe.lengths.length = 0;
    const message = new Uint8Array(randomBytes(length));
    await client.send(message);
    const records = Math.max(1, Math.ceil(length / MAX_PAYLOAD));
    assert.equal(clientPipe.lengths.length, records);
    assert.equal(
      clientPipe.lengths.reduce((a, b) => a + b),
      length + records * RECORD_OVERHEAD,
    );
    assert.ok(Math.max(...clientPipe.lengths) <= MAX_RECORD);
    assert.ok(Buffer.from(message).equals(await server.receive(length)));
    await server.send(message);
    assert.ok(Buffer.from(message).equals(await client.receive(length)));
  }
});

test('parts are one message, whatever their lengths', async () => {
  const { client, server } = await connect();
  const parts = [0, 3, MAX_PAYLOAD, 0, 7, MAX_PAYLOAD - 9, 1].map((n) => new Uint8Array(randomBytes(n)));
  await client.sendParts(parts);
  assert.ok(Buffer.concat(parts).equals(await server.receive(2 ** 22)));
});

test('a message can be received into a buffer of its own', async () => {
  const { client, server } = await connect();
  const message = new Uint8Array(randomBytes(MAX_PAYLOAD + 3));
  const target = new Uint8Array(message.length + 2);
  await client.send(message);
  assert.equal(await server.receiveInto(target), message.length);
  assert.ok(Buffer.from(message).equals(target.subarray(0, message.length)));
  await client.send(message);
  await assert.rejects(server.receiveInto(new Uint8Array(message.length - 1)), fault('too-long'));
});

test('an altered record is refused, whichever byte it was', async () => {
  for (let position = 0; position < RECORD_OVERHEAD + 3; position++) {
    const { client, server, clientPipe } = await connect();
    clientPipe.host = (message) => {
      message[position]! ^= 0x01;
      return [message];
    };
    await client.send(Buffer.from('abc'));
    await assert.rejects(server.receive(100), CiphertextError, `byte ${position}`);
  }
});

test('a repeated record is refused', async () => {
  const { client, server, clientPipe } = await connect();
  clientPipe.host = (message) => [message, message];
  await client.send(Buffer.from('abc'));
  await server.receive(100);
  await assert.rejects(server.receive(100), fault('repeated'));
});

test('a dropped record, or two in the wrong order, are refused', async () => {
  const { client, server, clientPipe } = await connect();
  clientPipe.host = (message, index) => (index === 1 ? [] : [message]);
  await client.send(threeRecords);
  await assert.rejects(server.receive(2 ** 22), fault('missing'));

  const second = await connect();
  let held: Uint8Array[] = [];
  second.clientPipe.host = (message, index) => {
    if (index === 0) {
      held = [message];
      return [];
    }
    const out = [message, ...held];
    held = [];
    return out;
  };
  await second.client.send(threeRecords);
  await assert.rejects(second.server.receive(2 ** 22), fault('missing'));
});

test('a message without its last record is refused', async () => {
  const { client, server, clientPipe } = await connect();
  clientPipe.host = (message, index) => (index === 2 ? [] : [message]);
  await client.send(threeRecords);
  await assert.rejects(server.receive(2 ** 22), fault('truncated'));
});

test('a record cannot be reflected to its maker, nor given to another connection', async () => {
  const { client, clientPipe } = await connect();
  clientPipe.host = (message) => {
    clientPipe.arrived.push(message);
    return [];
  };
  await client.send(Buffer.from('abc'));
  await assert.rejects(client.receive(100), fault('altered'));
});

test('ends that disagree on the info share no key', async () => {
  const { client, server } = await connect(new TextEncoder().encode('another role'));
  await client.send(Buffer.from('abc'));
  await assert.rejects(server.receive(100), fault('altered'));
});

test('messages longer than allowed, endless empty records and garbage are refused', async () => {
  const long = await connect();
  await long.client.send(threeRecords);
  await assert.rejects(long.server.receive(MAX_PAYLOAD + 1), fault('too-long'));

  const { clientPipe, server } = await connect();
  clientPipe.other.arrived.push(new Uint8Array(RECORD_OVERHEAD - 1));
  await assert.rejects(server.receive(100), fault('malformed'));

  const key = randomBytes(32);
  const empty = new RecordSealer(key).seal('more', [], new Uint8Array(RECORD_OVERHEAD));
  assert.deepEqual(new RecordOpener(key).open(empty).type, 'more');
});

test('after a refusal the channel stays refused', async () => {
  const { client, server, clientPipe } = await connect();
  clientPipe.host = (message, index) => (index === 0 ? [] : [message]);
  await client.send(Buffer.from('a'));
  await client.send(Buffer.from('b'));
  await client.send(Buffer.from('c'));
  await assert.rejects(server.receive(100), fault('missing'));
  await assert.rejects(server.receive(100), fault('missing'));
});

test('a channel that fails to send rejects', async () => {
  const { client, clientPipe } = await connect();
  clientPipe.send = () => Promise.reject(new Error('the peer is gone'));
  await assert.rejects((client as SecureChannel).send(threeRecords), /the peer is gone/);
});
