/** Sends back what it gets (RFC 862). Nothing in it knows of an enclave: `node server.mjs` runs it as well. */
import { createServer } from 'node:net';

const port = Number(process.env.PORT ?? 7);

createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.pipe(socket);
}).listen(port, '127.0.0.1');
