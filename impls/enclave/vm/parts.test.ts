import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findParts } from './parts.ts';

const isLinux = process.platform === 'linux' && process.arch === 'x64';

test('what is missing for a machine is said in one sentence, with what to do', { skip: !isLinux }, () => {
  const without = findParts({ PATH: '/nowhere' });
  assert.match(String(without), /^no qemu-system-x86_64: install .*PSI_BENCH_QEMU$/);
  const kernelless = findParts({ PSI_BENCH_QEMU: '/bin/true', PSI_BENCH_VM_KERNEL: '/nowhere/vmlinuz-1' });
  assert.match(String(kernelless), /^no kernel: .*PSI_BENCH_VM_KERNEL$/);
});

test('elsewhere the platform is what is missing', { skip: isLinux }, () => {
  assert.match(String(findParts()), /needs Linux on x64/);
});
