/** Brings a server up in every way that is compared, each part in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { innermost, processUsage } from '../../impls/enclave/runtime/process-usage.ts';
import type { ServerImage } from '../../impls/enclave/serve/server-image.ts';
import { BenchError } from '../errors.ts';
import { leaveGroup, watchGroup } from '../machine/guard.ts';
import type { Way } from './metrics.ts';
import type { ProcessUse } from './record.ts';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
const RELAY = fileURLToPath(new URL('./plain-relay.ts', import.meta.url));
/** A virtual machine without hardware support takes minutes. */
const START_MS = { direct: 30_000, relays: 30_000, enclave: 60_000, vm: 400_000 } as const;

/** A server that can be reached. */
export interface RunningWay {
  readonly way: Way;
  /** Where a plain client connects. */
  readonly port: number;
  /** Where the enclave's host listens, and the fingerprint of its root. */
  readonly host?: { readonly port: number; readonly root: string };
  readonly isolation?: string;
  /** What each process has used since the last call (CPU) and at most (memory); empty where that is not told. */
  usage(): Omit<ProcessUse, 'guest' | 'way'>[];
  /** The last line that each of its processes printed, for errors. */
  lastWords(): string;
  close(): void;
}

interface Part {
  readonly name: string;
  readonly child: ChildProcess;
  said: string;
}

/** @throws BenchError when a process does not come up */
export async function startWay(way: Way, image: ServerImage): Promise<RunningWay> {
  const parts: Part[] = [];
  const close = () => {
    for (const { child } of parts) endGroup(child);
  };
  process.once('exit', close);
  const start = (name: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // At the head of a process group: it ends with what it started, also when this process is killed.
      detached: true,
    });
    if (child.pid !== undefined) watchGroup(child.pid);
    const part: Part = { name, child, said: '' };
    const take = (bytes: Buffer) => {
      if (part.said.length < 2 ** 16) part.said += bytes.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    parts.push(part);
    return part;
  };
  try {
    const reached = await (way === 'direct' || way === 'relays'
      ? startPlain(way, image, start)
      : startEnclave(way, image, start));
    const lastWords = () =>
      parts.map(({ name, said }) => `${name}: ${said.trimEnd().split('\n').at(-1) || 'nothing'}`).join('; ');
    return { way, ...reached, usage: usageOf(parts), lastWords, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Ends a part with all that it started. */
function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended, or there are no groups.
    child.kill('SIGKILL');
  }
  leaveGroup(pid);
}

type Start = (name: string, args: readonly string[], environment?: NodeJS.ProcessEnv) => Part;
type Reached = Pick<RunningWay, 'port' | 'host' | 'isolation'>;

/** The server as anybody would run it; its port comes from the environment. */
async function startPlain(way: 'direct' | 'relays', image: ServerImage, start: Start): Promise<Reached> {
  const { entry, flags = [], arguments: args = [], environment = {} } = image.description;
  const port = await freePort();
  const words = [...flags, join(image.folder, entry), ...args];
  const server = start('server', words, { ...environment, PORT: String(port) });
  await accepts(server, port, START_MS[way]);
  if (way === 'direct') return { port };
  const inner = Number(await says(start('relay 1', [RELAY, String(port)]), /port (\d+)/, START_MS[way]));
  const outer = Number(await says(start('relay 2', [RELAY, String(inner)]), /port (\d+)/, START_MS[way]));
  return { port: outer };
}

async function startEnclave(way: 'enclave' | 'vm', image: ServerImage, start: Start): Promise<Reached> {
  const vm = way === 'vm' ? ['--vm'] : [];
  const host = start('host', [CLI, 'attest', 'serve', image.folder, '--listen', '127.0.0.1:0', ...vm]);
  const port = Number(await says(host, /is up on \S+:(\d+)/, START_MS[way]));
  const root = await says(host, /root ([0-9a-f]{64})/, START_MS[way]);
  const isolation = await says(host, /isolation: (.+)/, START_MS[way]);
  const pins = ['--measure', image.folder, '--root', root, ...vm];
  const proxy = start('proxy', [
    ...[CLI, 'attest', 'proxy', '--enclave', `127.0.0.1:${port}`, '--forward', '127.0.0.1:0', ...pins],
  ]);
  const forwarded = Number(await says(proxy, /connect to \S+:(\d+)/, START_MS[way]));
  return { port: forwarded, host: { port, root }, isolation };
}

/** CPU time by process; the enclave is what the host started. */
function usageOf(parts: readonly Part[]): RunningWay['usage'] {
  const before = new Map<string, number>();
  const pids = () =>
    parts.flatMap(({ name, child: { pid = 0 } }) =>
      name === 'host' ? [['host', pid] as const, ['server', deepest(pid)] as const] : [[name, pid] as const],
    );
  return () =>
    process.platform !== 'linux'
      ? []
      : pids().flatMap(([name, pid]) => {
          const used = processUsage(pid);
          if (!used) return [];
          const cpuMs = used.cpuMs - (before.get(name) ?? 0);
          before.set(name, used.cpuMs);
          return [{ process: name, cpuMs: Math.max(0, cpuMs), peakBytes: used.peakBytes }];
        });
}

/** The process at the end of the chain that `pid` started: `unshare`, then the enclave. */
function deepest(pid: number): number {
  for (let at = pid; ; ) {
    const child = innermost(at);
    if (child === at) return at;
    at = child;
  }
}

/** What `pattern` captures in what a process prints, once it does. */
async function says(part: Part, pattern: RegExp, limitMs: number): Promise<string> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    const match = pattern.exec(part.said)?.[1];
    if (match !== undefined) return match;
    if (part.child.exitCode !== null) throw new BenchError(`the ${part.name} ended: ${part.said.trim()}`);
    await sleep(20);
  }
  throw new BenchError(`the ${part.name} was not up after ${limitMs / 1000} s: ${part.said.trim()}`);
}

/** Resolves once somebody listens on `port`. */
async function accepts(part: Part, port: number, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    if (part.child.exitCode !== null) throw new BenchError(`the server ended: ${part.said.trim()}`);
    if (!(await isFree(port))) return;
    await sleep(50);
  }
  throw new BenchError(`the server does not listen on the port that PORT in its environment names (${port})`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
