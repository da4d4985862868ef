/**
 * Connections between two hosts: TLS 1.3 with an external pre-shared key and an ephemeral key exchange
 * (RFC 8446, section 2.2, `psk_dhe_ke`). Both sides prove that they know the key; neither has a
 * certificate, and nothing else is accepted: no older version, no anonymous or certified peer.
 *
 * A pre-shared key can be guessed offline by whoever took part in a handshake, so it has to be random:
 * the token is refused when it is too short for that.
 */
import { hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { messageOf, UsageError } from '../../errors.ts';

/** The environment's variable for the token, when there is no `--token-file`. */
export const TOKEN_VARIABLE = 'BENCH_TOKEN';
const MIN_TOKEN = 32;
const IDENTITY = 'bench';
/** The suite's hash must be that of the key (SHA-256). `PSK` makes OpenSSL ask for one. */
const TLS = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256:PSK' } as const;
const CONNECT_TIMEOUT_MS = 10_000;
/** A handshake takes two round trips. */
const HANDSHAKE_MS = 5000;
/** Strangers in the middle of one: when there are more, the one that has taken longest goes. */
const MAX_HANDSHAKES = 32;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `HOST:PORT`, an IPv6 address in brackets. @throws UsageError when it is not of that form. */
export function parseAddress(text: string, flag: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new UsageError(`${flag} expects HOST:PORT, as 192.0.2.1:7000 or [2001:db8::1]:7000, got "${text}"`);
  }
  return { host, port };
}

/**
 * The key that a token gives.
 * @param file its file; without one, the environment's {@link TOKEN_VARIABLE} counts
 * @throws UsageError when there is none, or it is shorter than 32 characters
 */
export function readKey(file: string | undefined): Buffer {
  let token: string | undefined;
  if (file === undefined) token = process.env[TOKEN_VARIABLE];
  else {
    try {
      token = readFileSync(file, 'utf8');
    } catch (error) {
      throw new UsageError(`--token-file: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  const how = 'make one with "openssl rand -hex 32" and give both hosts the same';
  if (token === undefined) {
    throw new UsageError(`two hosts need a common secret: --token-file, or ${TOKEN_VARIABLE}; ${how}`);
  }
  token = token.trim();
  if (token.length < MIN_TOKEN) {
    throw new UsageError(
      `the token has ${token.length} characters, at least ${MIN_TOKEN} are needed: ${how}`,
    );
  }
  return Buffer.from(hkdfSync('sha256', token, '', 'bench two hosts v1', 32));
}

/**
 * Listens for peers that know `key`.
 * @param onRefused is told, in words, of everybody who does not
 */
export function listenSecurely(
  key: Buffer,
  onPeer: (socket: TLSSocket) => void,
  onRefused: (reason: string) => void,
): Server {
  const server = createServer(
    {
      ...TLS,
      pskCallback: (_, identity) => (identity === IDENTITY ? key : null),
      noDelay: true,
      handshakeTimeout: HANDSHAKE_MS,
    },
    (socket) => {
      strangers.delete(nameOf(socket));
      socket.on('error', () => socket.destroy());
      onPeer(socket);
    },
  );
  // The raw connections, by their other end: a TLS connection does not tell which it runs over.
  const strangers = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    strangers.set(name, socket);
    socket.once('close', () => {
      if (strangers.get(name) === socket) strangers.delete(name);
    });
    if (strangers.size > MAX_HANDSHAKES) {
      const [longest, waiting] = strangers.entries().next().value ?? [];
      if (longest !== undefined) strangers.delete(longest);
      waiting?.destroy();
    }
  });
  server.on('tlsClientError', (error, socket) => {
    onRefused(`refused a connection from ${socket.remoteAddress ?? 'nowhere'}: ${explain(error)}`);
    socket.destroy();
  });
  return server;
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Connects to a host that knows `key`. @throws UsageError saying what is wrong in one line. */
export function connectSecurely({ host, port }: Address, key: Buffer): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: string) => {
      socket.destroy();
      reject(new UsageError(`cannot connect to the peer at ${host}:${port}: ${reason}`));
    };
    const socket = connect({
      ...TLS,
      host,
      port,
      pskCallback: () => ({ psk: key, identity: IDENTITY }),
      // There is no certificate whose name could be checked; that there is none is checked below.
      checkServerIdentity: () => undefined,
      timeout: CONNECT_TIMEOUT_MS,
    });
    socket.setNoDelay(true);
    socket.once('timeout', () => refuse(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`));
    socket.once('error', (error) => refuse(explain(error)));
    socket.once('secureConnect', () => {
      // A server that shows a certificate has not proved that it knows the key.
      const certified = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
      if (certified || !socket.isSessionReused() || socket.getProtocol() !== 'TLSv1.3') {
        return refuse('it did not prove that it knows the token');
      }
      socket.setTimeout(0);
      socket.removeAllListeners('error');
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

/** OpenSSL's words in ours. */
function explain(error: Error & { code?: string }): string {
  const code = error.code ?? '';
  if (/BINDER|DECRYPT_ERROR/.test(code)) return 'the tokens differ';
  if (/SIGALG|SIGNATURE_ALGORITHM|HANDSHAKE_FAILURE/.test(code)) return 'one side offered no token';
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(code)) return 'it does not speak TLS 1.3';
  if (/WRONG_VERSION|HTTP_REQUEST|PACKET_LENGTH/.test(code)) return 'it does not speak TLS';
  if (code === 'ECONNREFUSED') return 'nothing listens there: start "bench party" on it first';
  if (code === 'ECONNRESET') return 'it closed the connection';
  return messageOf(error).trim();
}
