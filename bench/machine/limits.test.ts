import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { availableMemory, processLimits } from './limits.ts';

const folder = mkdtempSync(join(tmpdir(), 'limits-'));
after(() => rmSync(folder, { recursive: true }));

let roots = 0;
/** A file system of these files. */
function fileSystem(files: Readonly<Record<string, string>>): string {
  const root = join(folder, String(roots++));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max address space         17179869184          unlimited            bytes
Max open files            1024                 4096                 files
`;
const STATUS = 'Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t0-2,5\nMems_allowed_list:\t0\n';
const MEMINFO = 'MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n';
const V2 = '30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n';

test('version 2: the tightest of the groups around the process counts', () => {
  const root = fileSystem({
    'proc/self/status': STATUS,
    'proc/self/limits': LIMITS,
    'proc/meminfo': MEMINFO,
    'proc/self/cgroup': '0::/user.slice/job\n',
    'proc/self/mountinfo': V2,
    'sys/fs/cgroup/user.slice/cpu.max': '150000 100000\n',
    'sys/fs/cgroup/user.slice/memory.max': '2147483648\n',
    'sys/fs/cgroup/user.slice/memory.current': '1073741824\n',
    'sys/fs/cgroup/user.slice/memory.stat': 'anon 1\ninactive_file 536870912\n',
    'sys/fs/cgroup/user.slice/job/cpu.max': 'max 100000\n',
    'sys/fs/cgroup/user.slice/job/memory.max': 'max\n',
  });
  assert.deepEqual(processLimits(root), {
    cores: 4,
    cpuQuota: 1.5,
    memoryBytes: 2 ** 31,
    addressSpaceBytes: 2 ** 34,
    openFiles: 1024,
  });
  assert.equal(availableMemory(root), 2 ** 31 - 2 ** 29);
});

test('version 1, in a container that sees its own group as the root', () => {
  const root = fileSystem({
    'proc/self/status': STATUS,
    'proc/meminfo': MEMINFO,
    'proc/self/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n',
    'proc/self/mountinfo':
      '31 30 0:27 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n' +
      '32 30 0:28 /docker/abc /sys/fs/cgroup/memory ro master:2 - cgroup cgroup rw,memory\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '1073741824\n',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '100000000\n',
  });
  const { cpuQuota, memoryBytes, addressSpaceBytes } = processLimits(root);
  assert.deepEqual([cpuQuota, memoryBytes, addressSpaceBytes], [0.5, 2 ** 30, null]);
  assert.equal(availableMemory(root), 2 ** 30 - 1e8);
});

test('no limits: version 1 writes -1 and the largest number', () => {
  const root = fileSystem({
    'proc/self/status': STATUS,
    'proc/self/limits': 'Max address space         unlimited            unlimited            bytes\n',
    'proc/meminfo': MEMINFO,
    'proc/self/cgroup': '4:memory:/\n3:cpu:/\n0::/\n',
    'proc/self/mountinfo':
      '31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n' +
      '32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' +
      '33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n',
    'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
    'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '1000\n',
  });
  assert.deepEqual(processLimits(root), {
    cores: 4,
    cpuQuota: null,
    memoryBytes: null,
    addressSpaceBytes: null,
    openFiles: null,
  });
  assert.equal(availableMemory(root), 8_000_000 * 1024);
});

test('a system that tells nothing', () => {
  const { cores, ...others } = processLimits(fileSystem({ 'etc/hosts': '' }));
  assert.ok(cores >= 1);
  assert.deepEqual(others, { cpuQuota: null, memoryBytes: null, addressSpaceBytes: null, openFiles: null });
  assert.ok(availableMemory() > 0);
});

const module = JSON.stringify(new URL('limits.ts', import.meta.url));
const print = `import { processLimits } from ${module}; console.log(JSON.stringify(processLimits()));`;
const linux = process.platform === 'linux';

test('ulimit and taskset are seen', { skip: !linux && 'Linux only' }, () => {
  const command = `ulimit -v 33554432; ulimit -n 200; exec taskset -c 0 "$0" --input-type=module -e '${print}'`;
  const limits = JSON.parse(execFileSync('sh', ['-c', command, process.execPath], { encoding: 'utf8' }));
  assert.deepEqual([limits.cores, limits.addressSpaceBytes, limits.openFiles], [1, 32 * 2 ** 30, 200]);
});

/** A group of this test's own, with a quota; null where that is not allowed. */
function quotaGroup(): string | null {
  const group = `/sys/fs/cgroup/cpu/psi-bench-test-${process.pid}`;
  try {
    mkdirSync(group);
    writeFileSync(join(group, 'cpu.cfs_quota_us'), '70000');
    return group;
  } catch {
    try {
      rmdirSync(group);
    } catch {}
    return null;
  }
}

const group = linux ? quotaGroup() : null;
after(() => group && rmdirSync(group));

test('a quota of a control group is seen', {
  skip: group === null && 'no control group of its own here',
}, () => {
  const join_ = `echo $$ > ${group}/cgroup.procs; exec "$0" --input-type=module -e '${print}'`;
  const { stdout, stderr } = spawnSync('sh', ['-c', join_, process.execPath], { encoding: 'utf8' });
  assert.equal(JSON.parse(stdout || stderr).cpuQuota, 0.7);
});
