/** FOR TESTS: a guest that tries every module of Node for a way out, and says how each attempt ended. */

import cluster from 'node:cluster';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns';
import { once } from 'node:events';
import {
  cpSync,
  globSync,
  openAsBlob,
  opendirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  watch,
} from 'node:fs';
import { get } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { builtinModules, createRequire, enableCompileCache, register } from 'node:module';
import { connect, createServer } from 'node:net';
import { execve, kill, loadEnvFile, ppid } from 'node:process';
import { connect as connectTls, getCACertificates } from 'node:tls';
import { createTracing } from 'node:trace_events';
import { writeHeapSnapshot } from 'node:v8';
import type { Guest } from './guest.ts';

const require = createRequire(import.meta.url);

/** What is to be reached: a file and a folder of the machine, a port and a socket of a server on it. */
interface Targets {
  readonly file: string;
  readonly folder: string;
  readonly port: number;
  readonly socket: string;
}

type Attempt = (targets: Targets) => unknown;

/** By the module that it goes through. An attempt that resolves to something other than undefined got out. */
const ATTEMPTS: Readonly<Record<string, readonly Attempt[]>> = {
  child_process: [({ file }) => require('node:child_process').execFileSync('cat', [file])],
  cluster: [() => cluster.fork().process.pid],
  dgram: [
    async ({ port }) => {
      const socket = createSocket('udp4');
      await new Promise((resolve, reject) => {
        socket.send('x', port, '127.0.0.1', (error) => (error ? reject(error) : resolve(undefined)));
      }).finally(() => socket.close());
      return 'sent';
    },
  ],
  dns: [
    () =>
      new Promise((resolve, reject) => {
        lookup('localhost', (error, address) => (error ? reject(error) : resolve(address)));
      }),
  ],
  'node:ffi': [() => require('node:ffi').dlopen(null)],
  fs: [
    ({ file }) => readFileSync(file),
    ({ folder }) => readdirSync(folder),
    ({ folder }) => opendirSync(folder).readSync()?.name,
    ({ file }) => cpSync(file, '/copy'),
    ({ folder }) => globSync(`${folder}/*`)[0],
    async ({ file }) => (await openAsBlob(file)).text(),
    ({ folder }) => watch(folder).close() ?? 'watched',
    // Only where there is a /proc of the machine's own, and a process to look into.
    () => readFileSync(`/proc/${ppid}/environ`).length || undefined,
    () => readlinkSync('/proc/1/root/..') && readFileSync('/proc/1/root/etc/passwd'),
  ],
  http: [({ port }) => once(get({ port, host: '127.0.0.1' }), 'response')],
  http2: [({ port }) => once(connectHttp2(`http://127.0.0.1:${port}`), 'connect')],
  inspector: [
    () => {
      require('node:inspector').open(0);
      return 'open';
    },
    () => {
      new (require('node:inspector').Session)().connect();
      return 'connected';
    },
  ],
  module: [
    ({ file }) => require(file),
    ({ folder }) => (enableCompileCache(folder).status === 1 ? 'enabled' : undefined),
    () => register('data:text/javascript,') ?? 'registered',
    ({ file }) => import(file),
  ],
  net: [
    ({ port }) => once(connect(port, '127.0.0.1'), 'connect'),
    ({ socket }) => once(connect(socket), 'connect'),
    async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      server.close();
      return 'listens';
    },
  ],
  process: [
    ({ file }) => execve?.('/bin/cat', ['cat', file], {}),
    ({ file }) => loadEnvFile(file) ?? 'loaded',
    ({ folder }) => process.chdir(folder) ?? 'changed',
    () => process.dlopen({ exports: {} }, '/node'),
    ({ folder }) => process.report.writeReport(`${folder}/report.json`),
    // 0 is the process group: this very process is in it.
    () => (ppid === 0 ? undefined : kill(ppid, 0)),
  ],
  'node:sqlite': [
    ({ folder }) => {
      const database = new (require('node:sqlite').DatabaseSync)(`${folder}/new.db`);
      database.exec('create table t (a)');
      return 'created';
    },
    ({ folder }) => {
      const database = new (require('node:sqlite').DatabaseSync)(':memory:');
      database.exec(`attach '${folder}/attached.db' as other; create table other.t (a)`);
      return 'attached';
    },
  ],
  'node:test': [
    async ({ file }) => {
      for await (const event of require('node:test').run({ files: [file] }))
        if (event.type === 'test:pass') return 'ran';
      return undefined;
    },
  ],
  tls: [
    ({ port }) => once(connectTls(port, '127.0.0.1'), 'secureConnect'),
    () => getCACertificates('system')[0],
  ],
  trace_events: [() => createTracing({ categories: ['node'] }).enable() ?? 'enabled'],
  v8: [({ folder }) => writeHeapSnapshot(`${folder}/heap`)],
  wasi: [({ folder }) => new (require('node:wasi').WASI)({ version: 'preview1', preopens: { '/': folder } })],
  worker_threads: [() => new (require('node:worker_threads').Worker)('0', { eval: true }).threadId],
};

/** Modules that compute, or that only wrap one of those above: nothing to reach through them. */
const HARMLESS = new Set(
  `assert async_hooks buffer console constants crypto diagnostics_channel domain events https os path perf_hooks punycode
  querystring readline repl stream string_decoder sys timers tty url util vm zlib node:sea`.split(/\s+/),
);

const PATIENCE_MS = 300;

const doors: Guest = async ({ accept }) => {
  // What is refused later, in an event that nobody waits for, is refused all the same.
  process.removeAllListeners('uncaughtException').on('uncaughtException', () => {});
  for (;;) {
    const connection = await accept();
    const targets = JSON.parse(Buffer.from(await connection.receive()).toString()) as Targets;
    const open: string[] = [];
    let tried = 0;
    for (const [module, attempts] of Object.entries(ATTEMPTS)) {
      for (const attempt of attempts) {
        tried++;
        const got = await outcome(attempt, targets);
        if (got !== undefined) open.push(`${module}: ${attempt} got ${got}`);
      }
    }
    const unknown = builtinModules.filter((name) => {
      const [module = ''] = name.startsWith('_')
        ? ['net']
        : name.replace(/^(node:)?([^/]+).*/, '$1$2').split('/');
      return !(module in ATTEMPTS) && !HARMLESS.has(module);
    });
    const report = { open, tried, unknown };
    await connection.send(Buffer.from(JSON.stringify(report)));
    connection.end();
  }
};

/** What an attempt got, as text; undefined when it was refused, or nothing came of it in time. */
async function outcome(attempt: Attempt, targets: Targets): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    const got = await Promise.race([attempt(targets), late]);
    return got === undefined ? undefined : String(got).slice(0, 100);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

export default doors;
