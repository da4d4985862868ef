import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runBetween, twoHosts } from '../testing/namespaces.ts';

test('a run between two network namespaces; the enclave is emulated on one, and the other has never seen its root', async (t) => {
  const hosts = twoHosts();
  if (typeof hosts === 'string') return t.skip(hosts);
  t.after(() => hosts.remove());
  const samples = await runBetween(hosts, ['hash', 'enclave']);
  assert.deepEqual([...new Set(samples.map(({ impl }) => impl))].sort(), ['enclave', 'hash']);
});
