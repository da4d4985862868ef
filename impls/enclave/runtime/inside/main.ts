/**
 * The first code of an enclave on two descriptors: a process, or a machine with a virtio serial port. Runs
 * inside: it can import what is in the image, and nothing else.
 */
import { Socket } from 'node:net';
import { STREAM } from '../guest.ts';
import { Inside } from './enclave.ts';

const exit = process.exit.bind(process);
// A reused buffer: reading through 'data' events costs three times as much.
const input = new Socket({
  fd: STREAM.input,
  writable: false,
  onread: {
    buffer: new Uint8Array(2 ** 20),
    callback(length, buffer) {
      inside.push(buffer.subarray(0, length));
      return true;
    },
  },
});
const output = new Socket({ fd: STREAM.output, readable: false });
const inside = new Inside({ input, output });
input.on('close', () => exit(0));
// Nothing but `onread` reads, so the end is seen only when it is asked for.
input.on('end', () => exit(0));
input.resume();
await inside.run();
