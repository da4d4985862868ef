/**
 * The first code of an enclave on Linux's own drivers: the stream over `AF_VSOCK`, the security module as
 * `/dev/nsm`. This is what would run on Nitro. Runs inside: it can import what is in the image, and nothing else.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { cLibrary } from '../../nsm/ffi.ts';
import { openNitroNsm } from '../../nsm/nitro.ts';
import { Inside } from './enclave.ts';
import { HOST_CID, STREAM_PORT, socketAddress } from './vsock.ts';

const exit = process.exit.bind(process);
const AF_VSOCK = 40;
const SOCK_STREAM = 1;

const library = await cLibrary();
const fd = library.call('socket', AF_VSOCK, SOCK_STREAM, 0);
if (fd < 0) throw new Error(`no AF_VSOCK socket can be made (errno ${-fd}): is the vsock module loaded?`);
const address = socketAddress(HOST_CID, STREAM_PORT);
const connected = library.call('connect', fd, library.address(address), address.length);
if (connected < 0) throw new Error(`the host cannot be reached over vsock (errno ${-connected})`);

// Node's sockets know no AF_VSOCK; its files read and write any descriptor.
const input = createReadStream('', { fd, autoClose: false, highWaterMark: 2 ** 18 });
const output = createWriteStream('', { fd, autoClose: false });
const inside = new Inside({ input, output });
input.on('data', (bytes) => inside.push(bytes as Buffer));
input.on('close', () => exit(0));
input.on('end', () => exit(0));
await inside.run(await openNitroNsm());
