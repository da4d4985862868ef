/**
 * What produced a record: command, code, machine, runtime, and what the implementations say of
 * themselves. Nothing in it identifies a person or names a path, a user or a host.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Build, Implementation, Kind, Security } from '../contract.ts';
import { peakIsResettable } from '../machine/usage.ts';
import type { Yardsticks } from '../machine/yardstick.ts';

/** Version of the record's form; a reader refuses any other. */
export const SCHEMA = 1;

/** What an implementation declares, copied into the record so that reports need nothing else. */
export interface ImplementationFacts {
  readonly title: string;
  readonly version: string;
  readonly kind: Kind;
  /** What it keeps between runs of the same processes. */
  readonly keeps: readonly string[];
  readonly build: Build;
  readonly summary: string;
  readonly security: Security;
  readonly references: readonly string[];
}

/** A network profile: what was asked of the link, and what calibration got (null: not calibrated). */
export interface NetworkFacts {
  /** In bits per second; null = as fast as the loopback is. */
  readonly bandwidthBps: number | null;
  readonly rttMs: number;
  readonly measuredBandwidthBps: number | null;
  readonly measuredRttMs: number | null;
}

/** The machine, without anything that names it. */
export interface HostFacts {
  /** Equal for machines whose times may be put side by side: a hash of the other fields. */
  readonly fingerprint: string;
  readonly cpu: string;
  /** The CPU's extensions that matter to this code, of those the OS tells. */
  readonly cpuFlags: readonly string[];
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly osRelease: string;
  readonly arch: string;
}

export interface CodeFacts {
  /** Commit of the working tree; null outside a git repository. */
  readonly commit: string | null;
  /** Whether the tree differed from the commit; null outside a git repository. */
  readonly dirty: boolean | null;
  /** SHA-256 of the difference (new files by name only), to tell two dirty trees apart; null without one. */
  readonly changesSha256: string | null;
  /** SHA-256 of package-lock.json; null without one. */
  readonly lockSha256: string | null;
}

/** Contents of `environment.json`. */
export interface Environment {
  readonly schema: typeof SCHEMA;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** As the user typed it: `bench run …`. */
  readonly command: string;
  /** Seed of data and order. */
  readonly seed: string;
  readonly code: CodeFacts;
  readonly host: HostFacts;
  readonly runtime: { readonly node: string; readonly v8: string; readonly openssl: string };
  /** Installed versions of the packages that this project depends on. */
  readonly packages: Readonly<Record<string, string>>;
  /** Whether the peak of memory is of each phase, or of the process since its start. */
  readonly peakMemory: 'phase' | 'process';
  /** On the machine at rest, before the first cell. */
  readonly yardsticks: Yardsticks | null;
  readonly networks: Readonly<Record<string, NetworkFacts>>;
  /** Share of each core that others used while nothing of ours ran, 0 to 1; absent where it was not watched. */
  readonly foreignLoad?: readonly number[];
  /** Facts on each data set as shown in the report: seed, columns, rows dropped. */
  readonly datasets: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;
  readonly implementations: Readonly<Record<string, ImplementationFacts>>;
  /** The host that played the sender, when it was another one (`--peer`). */
  readonly peer?: Pick<Environment, 'code' | 'host' | 'runtime' | 'packages' | 'peakMemory'>;
}

/** What only the caller of {@link captureEnvironment} knows. */
export type RunFacts = Pick<Environment, 'run' | 'started' | 'command' | 'seed'> &
  Partial<Pick<Environment, 'yardsticks' | 'networks' | 'datasets' | 'implementations' | 'peer'>>;

/** The part of an implementation that goes into the record. */
export function implementationFacts(implementation: Implementation): ImplementationFacts {
  const { title, version, kind, keeps = [], build, summary, security, references } = implementation;
  return { title, version, kind, keeps, build, summary, security, references };
}

/** Describes the project in `root`, this machine and this process, for the run that `facts` describe. */
export async function captureEnvironment(facts: RunFacts, root: string): Promise<Environment> {
  const [code, host, packages] = await Promise.all([captureCode(root), captureHost(), capturePackages(root)]);
  return {
    schema: SCHEMA,
    run: facts.run,
    started: facts.started,
    command: facts.command,
    seed: facts.seed,
    code,
    host,
    runtime: {
      node: process.versions.node,
      v8: process.versions.v8,
      openssl: process.versions.openssl ?? 'none',
    },
    packages,
    peakMemory: peakIsResettable ? 'phase' : 'process',
    yardsticks: facts.yardsticks ?? null,
    networks: facts.networks ?? {},
    datasets: facts.datasets ?? {},
    implementations: facts.implementations ?? {},
    ...(facts.peer && { peer: facts.peer }),
  };
}

/**
 * Whether a record that was begun under `a` may be continued under `b`: null, or what differs, in
 * words for the user.
 */
export function differingConditions(a: Environment, b: Environment): string | null {
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['machine', a.host.fingerprint, b.host.fingerprint],
    ['commit', a.code.commit, b.code.commit],
    ['uncommitted changes', a.code.changesSha256, b.code.changesSha256],
    ['lock file', a.code.lockSha256, b.code.lockSha256],
    ['Node version', a.runtime.node, b.runtime.node],
    ["the peer's machine", a.peer?.host.fingerprint, b.peer?.host.fingerprint],
    ["the peer's Node version", a.peer?.runtime.node, b.peer?.runtime.node],
  ];
  const differing = fields.filter(([, x, y]) => x !== y).map(([name]) => name);
  return differing.length === 0 ? null : differing.join(', ');
}

/**
 * Reads the text of an `environment.json`.
 * @param makeError makes the error to throw when the text is no such file or of another schema
 */
export function parseEnvironment(
  text: string,
  path: string,
  makeError: (message: string) => Error,
): Environment {
  let value: Environment;
  try {
    value = JSON.parse(text);
  } catch {
    throw makeError(`${path} is not JSON: the record cannot be read`);
  }
  if (value?.schema !== SCHEMA) {
    throw makeError(
      `${path} has schema ${value?.schema ?? 'none'}, this version reads schema ${SCHEMA}: ` +
        'read it with the version that wrote it, or run again',
    );
  }
  for (const field of ['run', 'started', 'command', 'code', 'host', 'runtime', 'implementations'] as const) {
    if (value[field] === undefined) throw makeError(`${path} lacks "${field}"`);
  }
  if (typeof value.host.fingerprint !== 'string') throw makeError(`${path} lacks "host.fingerprint"`);
  const implementations = Object.entries(value.implementations).map(([id, facts]) => [id, withKind(facts)]);
  return { ...value, implementations: Object.fromEntries(implementations) };
}

/** Records from before implementations declared their kind told it in other words. */
function withKind(facts: ImplementationFacts): ImplementationFacts {
  if (facts.kind !== undefined) return facts;
  const { build, security } = facts;
  const kind = !security.private
    ? 'open'
    : build.startsWith('enclave')
      ? 'enclave'
      : security.model === 'trusted third party'
        ? 'third-party'
        : 'cryptography';
  return { ...facts, kind, keeps: [] };
}

const run = promisify(execFile);

async function captureCode(root: string): Promise<CodeFacts> {
  const lock = await readFile(join(root, 'package-lock.json')).catch(() => null);
  const lockSha256 = lock && sha256(lock);
  // What runs write is not code.
  const code = ['--', '.', ':!results', ':!reports'];
  try {
    const git = async (...args: string[]) =>
      (await run('git', args, { cwd: root, maxBuffer: 2 ** 28 })).stdout;
    const [commit, status, diff] = await Promise.all([
      git('rev-parse', 'HEAD'),
      git('status', '--porcelain', ...code),
      git('diff', 'HEAD', ...code),
    ]);
    const dirty = status !== '';
    return { commit: commit.trim(), dirty, changesSha256: dirty ? sha256(status + diff) : null, lockSha256 };
  } catch {
    return { commit: null, dirty: null, changesSha256: null, lockSha256 };
  }
}

const FLAGS_OF_INTEREST = [
  'aes',
  'vaes',
  'sha_ni',
  'sha2',
  'pclmulqdq',
  'bmi2',
  'adx',
  'fma',
  'avx2',
  'avx512f',
  'avx512ifma',
  'asimd',
  'sve',
  'sev_snp',
  'tdx_guest',
];

async function captureHost(): Promise<HostFacts> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/));
  const host = {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cpuFlags: FLAGS_OF_INTEREST.filter((flag) => flags.has(flag)),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    os: platform(),
    // Version numbers only: what follows them may be the name of a build host.
    osRelease: /^\d+(\.\d+)*/.exec(release())?.[0] ?? 'unknown',
    arch: arch(),
  };
  // The kernel keeps a little of the memory for itself, and not always the same.
  const memoryGiB = Math.round(host.memoryBytes / 2 ** 30);
  const fingerprint = sha256(JSON.stringify({ ...host, memoryBytes: memoryGiB })).slice(0, 16);
  return { fingerprint, ...host };
}

/** Versions of the direct dependencies that are installed, from the lock file (not the ranges). */
async function capturePackages(root: string): Promise<Record<string, string>> {
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8').catch(() => null);
  if (lock === null) return {};
  const { packages } = JSON.parse(lock) as { packages: Record<string, LockedPackage> };
  const names = Object.keys({
    ...packages['']?.dependencies,
    ...packages['']?.optionalDependencies,
  }).sort();
  const installed = names.filter((name) => existsSync(join(root, 'node_modules', name)));
  return Object.fromEntries(
    installed.map((name) => [name, packages[`node_modules/${name}`]?.version ?? 'unknown']),
  );
}

interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
