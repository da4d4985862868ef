/**
 * What produced a record: command, code, machine, runtime, and what the implementations say of
 * themselves. Nothing in it identifies a person or names a path, a user or a host.
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Build, Implementation, Kind, Security } from '../contract.ts';
import { processLimits } from '../machine/limits.ts';
import { peakIsResettable } from '../machine/usage.ts';
import type { Yardsticks } from '../machine/yardstick.ts';
import { type CodeFacts, captureCode } from './code.ts';
import { type Conditions, captureConditions, differingConditionFields } from './conditions.ts';

export type { CodeFacts } from './code.ts';

/** Version of the record's form; a reader refuses any other. */
export const SCHEMA = 1;

/** What an implementation declares, copied into the record so that reports need nothing else. */
export interface ImplementationFacts {
  readonly title: string;
  readonly version: string;
  readonly kind: Kind;
  /** What it keeps between runs of the same processes. */
  readonly keeps: readonly string[];
  /** Hash of its files, of what they import and of their kernels; absent in records from before it was kept. */
  readonly source?: string;
  readonly build: Build;
  readonly summary: string;
  readonly security: Security;
  readonly references: readonly string[];
  /** Present when programs of others did the work: see `Implementation.program`. */
  readonly program?: NonNullable<Implementation['program']>;
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
  /** Those that the process may run on. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly osRelease: string;
  readonly arch: string;
}

/** Contents of `environment.json`. */
export interface Environment {
  readonly schema: typeof SCHEMA;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** As the user typed it, without folders and hosts: `bench run …`. */
  readonly command: string;
  /** Seed of data and order. */
  readonly seed: string;
  readonly code: CodeFacts;
  readonly host: HostFacts;
  readonly runtime: { readonly node: string; readonly v8: string; readonly openssl: string };
  /** Limits and settings that change speed; absent in records from before they were kept. */
  readonly conditions?: Conditions;
  /** Installed versions of the packages that this project depends on. */
  readonly packages: Readonly<Record<string, string>>;
  /** Whether the peak of memory is of each phase, or of the process since its start. */
  readonly peakMemory: 'phase' | 'process';
  /** On the machine at rest, before the first cell. */
  readonly yardsticks: Yardsticks | null;
  readonly networks: Readonly<Record<string, NetworkFacts>>;
  /** Share of each core that others used while nothing of ours ran, 0 to 1; absent where it was not watched. */
  readonly foreignLoad?: readonly number[];
  /** Share of all cores that others used while cells were measured; absent where the system does not tell. */
  readonly foreignDuring?: { readonly median: number; readonly highest: number };
  /** What a protocol that does nothing costs here: the harness itself, in every time; absent in older records. */
  readonly floor?: { readonly wallMs: number; readonly cpuMs: number; readonly runs: number };
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
export function implementationFacts(implementation: Implementation, source?: string): ImplementationFacts {
  const { title, version, kind, keeps = [], build, summary, security, references, program } = implementation;
  const declared = { title, version, kind, keeps, build, summary, security, references };
  const facts = program === undefined ? declared : { ...declared, program };
  return source === undefined ? facts : { ...facts, source };
}

/** Describes the project in `root`, this machine and this process, for the run that `facts` describe. */
export async function captureEnvironment(facts: RunFacts, root: string): Promise<Environment> {
  const [code, host, packages, conditions] = await Promise.all([
    captureCode(root),
    captureHost(),
    capturePackages(root),
    captureConditions(),
  ]);
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
    conditions,
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
    ['data', canonical(a.datasets), canonical(b.datasets)],
    ["the peer's machine", a.peer?.host.fingerprint, b.peer?.host.fingerprint],
    ["the peer's Node version", a.peer?.runtime.node, b.peer?.runtime.node],
  ];
  const sources = Object.entries(a.implementations).map(
    ([id, { source }]) => [`the code of ${id}`, source, b.implementations[id]?.source] as const,
  );
  const differing = [
    ...[...fields, ...sources].filter(([, x, y]) => x !== y).map(([name]) => name),
    ...differingConditionFields(a.conditions, b.conditions),
  ];
  return differing.length === 0 ? null : differing.join(', ');
}

/** Equal for equal facts, in whatever order. */
function canonical(datasets: Environment['datasets']): string {
  const sorted = Object.entries(datasets).map(([name, facts]) => [name, Object.entries(facts).sort()]);
  return JSON.stringify(sorted.sort());
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
    cores: processLimits().cores,
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

/** Versions of the direct dependencies that are installed, wherever they lie: in a workspace, further up. */
async function capturePackages(root: string): Promise<Record<string, string>> {
  const manifest = await readManifest(join(root, 'package.json'));
  const names = Object.keys({ ...manifest?.dependencies, ...manifest?.optionalDependencies }).sort();
  const versions = await Promise.all(
    names.map(async (name) => [name, await installedVersion(name, root)] as const),
  );
  return Object.fromEntries(
    versions.flatMap(([name, version]) => (version === null ? [] : [[name, version]])),
  );
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

async function readManifest(path: string): Promise<Manifest | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Manifest);
}

/** As Node looks for packages: in `node_modules` here, and in every folder above. */
async function installedVersion(name: string, from: string): Promise<string | null> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const manifest = await readManifest(join(folder, 'node_modules', name, 'package.json'));
    if (manifest) return manifest.version ?? 'unknown';
    if (folder === dirname(folder)) return null;
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
