/** Two hosts on one machine: network namespaces with a link between them. For tests; needs root and `ip`. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userCache } from '../../impls/enclave/nsm/user-cache.ts';
import { readRecord, type Sample } from '../record/samples.ts';
import { emptyFolder, PROJECT } from './cli.ts';

const CLI = join(PROJECT, 'bench/cli.ts');
/** What a machine of its own would not have: the roots of the emulators that have run on this one. */
const ROOTS = userCache('emulator-roots');

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<number | null>;
  stdout(): string;
  stderr(): string;
}

export class TwoHosts {
  readonly receiverAddress = '192.0.2.1';
  readonly senderAddress = '192.0.2.2';
  readonly #receiver: string;
  readonly #sender: string;
  readonly #children: ChildProcess[] = [];

  /** @throws Error when this machine does not let us make namespaces */
  constructor() {
    const suffix = randomBytes(3).toString('hex');
    this.#receiver = `bench-r-${suffix}`;
    this.#sender = `bench-s-${suffix}`;
    try {
      for (const name of [this.#receiver, this.#sender]) ip('netns', 'add', name);
      const [here, there] = [`vr${suffix}`, `vs${suffix}`];
      const peer = ['peer', 'name', there, 'netns', this.#sender];
      ip('link', 'add', here, 'netns', this.#receiver, 'type', 'veth', ...peer);
      for (const [name, device, address] of [
        [this.#receiver, here, this.receiverAddress],
        [this.#sender, there, this.senderAddress],
      ] as const) {
        ip('-n', name, 'address', 'add', `${address}/24`, 'dev', device);
        ip('-n', name, 'link', 'set', device, 'up');
        ip('-n', name, 'link', 'set', 'lo', 'up');
      }
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Starts `bench <words>` on a host, in `cwd`; the sender's does not see this machine's emulator roots. */
  start(host: 'receiver' | 'sender', words: readonly string[], cwd: string): Started {
    mkdirSync(ROOTS, { recursive: true });
    const hide = host === 'sender' ? `mount -t tmpfs none '${ROOTS}' && ` : '';
    const namespace = host === 'sender' ? this.#sender : this.#receiver;
    const script = `${hide}exec "$@"`;
    const command = ['netns', 'exec', namespace, 'sh', '-c', script, 'sh', process.execPath, CLI, ...words];
    const child = spawn('ip', command, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const finished = new Promise<number | null>((resolve) => child.on('close', resolve));
    return { child, finished, stdout: () => stdout, stderr: () => stderr };
  }

  /** Starts `bench party` and waits until it listens; the words for `bench run` to find it. */
  async startParty(words: readonly string[], token: string, cwd: string) {
    const listen = ['--listen', `${this.senderAddress}:7000`, '--token-file', token];
    const party = this.start('sender', ['party', ...listen, ...words], cwd);
    for (let tries = 0; !party.stderr().includes('waits on port'); tries++) {
      if (tries > 400 || party.child.exitCode !== null) throw new Error(party.stderr());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { party, peer: ['--peer', `${this.senderAddress}:7000`, '--token-file', token] };
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const name of [this.#receiver, this.#sender]) {
      try {
        ip('netns', 'del', name);
      } catch {
        // It was not made.
      }
    }
  }
}

/** The hosts, or why there are none on this machine. */
export function twoHosts(): TwoHosts | string {
  try {
    return new TwoHosts();
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    return `this machine lets us make no network namespaces: ${line}`;
  }
}

/**
 * Measures implementations between the hosts, on small sets of 64 items.
 * @throws Error when a run of any of them is not right
 */
export async function runBetween(
  hosts: TwoHosts,
  implementations: readonly string[],
): Promise<readonly Sample[]> {
  const dir = await emptyFolder();
  const token = writeToken(dir);
  const impl = ['--impl', implementations.join(',')];
  const { party, peer } = await hosts.startParty([...impl, '--once'], token, dir);
  const words = [
    ...impl,
    '--size',
    '64',
    '--runs',
    '1',
    '--time',
    '0',
    '--mode',
    'one-shot',
    '--executions',
    '1',
    '--budget',
    '60',
  ];
  const run = hosts.start('receiver', ['run', ...peer, ...words], dir);
  const code = await run.finished;
  const [record] = readdirSync(join(dir, 'results'));
  const { samples } = await readRecord(join(dir, 'results', record ?? ''));
  for (const sample of samples) {
    if (sample.outcome !== 'ok') throw new Error(`${sample.impl}: ${sample.reason}`);
    if (sample.network !== 'peer') throw new Error(`${sample.impl} ran over ${sample.network}`);
  }
  if (code !== 0) throw new Error(run.stderr());
  if ((await party.finished) !== 0) throw new Error(party.stderr());
  return samples;
}

/** A file with a secret for both hosts. */
export function writeToken(dir: string): string {
  const token = join(dir, 'token');
  writeFileSync(token, randomBytes(32).toString('hex'));
  return token;
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
