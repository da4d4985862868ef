/** The benchmark in a container's likeness, and on one core. Linux; the first needs root and control groups. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readRecord } from './record/samples.ts';
import { PROJECT } from './testing/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'where-'));
chmodSync(folder, 0o777);
after(() => rmSync(folder, { recursive: true, force: true }));

const NAME = `psi-bench-where-${process.pid}`;
const GROUPS = { cpu: `/sys/fs/cgroup/cpu/${NAME}`, memory: `/sys/fs/cgroup/memory/${NAME}` };

/** Control groups with a quota of one CPU and 2 GiB; null where they cannot be had. */
function groups(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    mkdirSync(GROUPS.cpu);
    writeFileSync(join(GROUPS.cpu, 'cpu.cfs_quota_us'), '100000');
    mkdirSync(GROUPS.memory);
    writeFileSync(join(GROUPS.memory, 'memory.limit_in_bytes'), String(2 ** 31));
    return true;
  } catch {
    removeGroups();
    return false;
  }
}

function removeGroups(): void {
  for (const group of Object.values(GROUPS)) {
    try {
      rmdirSync(group);
    } catch {
      // It was never there.
    }
  }
}

const contained = groups();
after(removeGroups);

const RUN = '--impl all --size 2^8 --runs 2 --time 0 --budget 20 --mode warm --executions 1';

async function outcomes(results: string): Promise<Set<string>> {
  const [record = ''] = readdirSync(results);
  const { samples, environment } = await readRecord(join(results, record));
  assert.ok(samples.length > 10);
  if (results.includes('contained')) {
    assert.equal(environment.conditions?.cpuQuota, 1);
    assert.equal(environment.conditions?.memoryBytes, 2 ** 31);
  }
  return new Set(samples.map(({ outcome }) => outcome));
}

test('not root, one CPU, 2 GiB, 64 KiB of /dev/shm, no network, no home, a read-only project: no cell is broken', {
  skip: !contained && 'needs root, and control groups of version 1 of its own',
}, async () => {
  const results = join(folder, 'contained');
  mkdirSync(results);
  chmodSync(results, 0o777);
  const script = `
      set -e
      for group in ${GROUPS.cpu} ${GROUPS.memory}; do echo $$ > $group/cgroup.procs; done
      mount --bind '${PROJECT}' '${PROJECT}' && mount -o remount,ro,bind '${PROJECT}'
      mount -t tmpfs -o size=64k none /dev/shm
      ip link set lo up
      cd /
      exec setpriv --reuid 65534 --regid 65534 --clear-groups env -i PATH="$PATH" TMPDIR='${folder}' \\
        '${process.execPath}' '${join(PROJECT, 'bench/cli.ts')}' run ${RUN} --out '${results}' --reports '${folder}/reports'`;
  const { status, stderr } = spawnSync('unshare', ['--mount', '--net', 'sh', '-c', script], {
    encoding: 'utf8',
  });
  const seen = await outcomes(results);
  assert.ok(!seen.has('broken') && !seen.has('died') && !seen.has('wrong'), `${[...seen]}: ${stderr}`);
  assert.equal(status, 0, stderr);
});

test('on one core no cell is broken', { skip: process.platform !== 'linux' && 'needs taskset' }, async () => {
  for (const [name, words] of [
    ['taskset', ['taskset', '-c', '0', process.execPath]],
    ['cpus', [process.execPath]],
  ] as const) {
    const results = join(folder, name);
    const [command = '', ...before] = words;
    const cpus = name === 'cpus' ? ['--cpus', '0'] : [];
    const flags = [...RUN.split(' '), ...cpus, '--out', results, '--reports', join(folder, 'reports')];
    const { status, stderr } = spawnSync(
      command,
      [...before, join(PROJECT, 'bench/cli.ts'), 'run', ...flags],
      {
        encoding: 'utf8',
      },
    );
    assert.ok(!(await outcomes(results)).has('broken'), stderr);
    assert.equal(status, 0, stderr);
  }
});
