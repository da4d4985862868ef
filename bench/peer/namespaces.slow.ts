import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from '../implementations/find.ts';
import { runBetween, twoHosts } from '../testing/namespaces.ts';

test('every implementation runs between two network namespaces', async (t) => {
  const hosts = twoHosts();
  if (typeof hosts === 'string') return t.skip(hosts);
  t.after(() => hosts.remove());
  const samples = await runBetween(hosts, ['all']);
  const ids = (await builtIn()).map(({ implementation }) => implementation.id);
  assert.deepEqual([...new Set(samples.map(({ impl }) => impl))].sort(), ids.sort());
});
