/** One round of everything that is installed, from the command line. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bench, emptyFolder, PROJECT } from '../testing/cli.ts';
import { METRICS } from './metrics.ts';
import { readRecord } from './record.ts';

test('one round: every metric of every server in every way, and the processes that were used', async () => {
  const folder = await emptyFolder();
  const hasMinecraft = existsSync(join(PROJECT, 'servers/minecraft/node_modules/mineflayer'));
  const { code, stderr } = await bench(['serve-cost', '--rounds', '1', '--out', folder], PROJECT);
  assert.equal(code, 0, stderr);
  const { samples, usage, conditions } = readRecord(folder);
  assert.equal('minecraft' in conditions.skipped, !hasMinecraft);
  for (const { guest, id } of METRICS) {
    if (guest === 'minecraft' && !hasMinecraft) continue;
    const ways = samples.filter((one) => one.guest === guest && one.metric === id).map(({ way }) => way);
    assert.deepEqual(ways.sort(), id.startsWith('step-') ? ['enclave'] : ['direct', 'enclave', 'relays'], id);
  }
  for (const { value } of samples) assert.ok(value > 0);
  if (process.platform === 'linux') {
    const names = usage
      .filter(({ guest }) => guest === 'echo')
      .map(({ way, process: name }) => `${way} ${name}`);
    assert.deepEqual(names.sort(), [
      ...['direct server', 'enclave host', 'enclave proxy', 'enclave server'],
      ...['relays relay 1', 'relays relay 2', 'relays server'],
    ]);
  }
});
