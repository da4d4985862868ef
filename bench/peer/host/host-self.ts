/** What a host says of itself, for the other's record and to compare their code. */
import type { CodeFacts, Environment } from '../../record/environment.ts';
import { count, entries, list, object, oneOf, orNull, text } from '../wire/fields.ts';

export type HostSelf = Pick<Environment, 'code' | 'host' | 'runtime' | 'packages' | 'peakMemory'>;

const MAX_PACKAGES = 200;
const MAX_CPU_FLAGS = 64;

export function hostSelf({ code, host, runtime, packages, peakMemory }: Environment): HostSelf {
  return { code, host, runtime, packages, peakMemory };
}

/** @throws ProtocolError naming the field that cannot be. */
export function parseHostSelf(value: unknown): HostSelf {
  const { code: c, host: h, runtime: r, packages, peakMemory } = object(value, 'self');
  const [code, host, runtime] = [object(c, 'code'), object(h, 'host'), object(r, 'runtime')];
  const words = (of: Readonly<Record<string, unknown>>, name: string) => text(of[name], name);
  return {
    code: {
      commit: orNull(code.commit, (commit) => text(commit, 'commit')),
      dirty: orNull(code.dirty, (dirty) => dirty === true),
      changesSha256: orNull(code.changesSha256, (sha256) => text(sha256, 'changesSha256')),
      lockSha256: orNull(code.lockSha256, (sha256) => text(sha256, 'lockSha256')),
    },
    host: {
      fingerprint: words(host, 'fingerprint'),
      cpu: words(host, 'cpu'),
      cpuFlags: list(host.cpuFlags, 'cpuFlags', MAX_CPU_FLAGS).map((flag) => text(flag, 'cpuFlags')),
      cores: count(host.cores, 'cores', 1 << 16),
      memoryBytes: count(host.memoryBytes, 'memoryBytes'),
      os: words(host, 'os'),
      osRelease: words(host, 'osRelease'),
      arch: words(host, 'arch'),
    },
    runtime: { node: words(runtime, 'node'), v8: words(runtime, 'v8'), openssl: words(runtime, 'openssl') },
    packages: Object.fromEntries(
      entries(packages, 'packages', MAX_PACKAGES).map(([name, version]) => [
        text(name, 'packages'),
        text(version, 'packages'),
      ]),
    ),
    peakMemory: oneOf(peakMemory, 'peakMemory', ['phase', 'process']),
  };
}

/** Why two hosts' results would not be of the same code: null, or in words. */
export function codeDifference(mine: CodeFacts, theirs: CodeFacts): string | null {
  const fields = [
    ['commit', mine.commit, theirs.commit],
    ['uncommitted changes', mine.changesSha256, theirs.changesSha256],
    ['lock file', mine.lockSha256, theirs.lockSha256],
  ] as const;
  const differing = fields.filter(([, a, b]) => a !== b).map(([name]) => name);
  return differing.length === 0 ? null : differing.join(', ');
}
