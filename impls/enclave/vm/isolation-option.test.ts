import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ISOLATION_OPTION,
  isolationAvailable,
  isolationHardware,
  launchOptions,
} from './isolation-option.ts';

test('a process is the default, is always there, and is called simulated', async () => {
  const options = { isolation: 'process', devices: 'auto' } as const;
  assert.equal(ISOLATION_OPTION.default, 'process');
  assert.equal(await isolationAvailable(options), true);
  assert.equal(isolationHardware(options), 'simulated');
  assert.deepEqual(launchOptions('guest.ts', options), { guest: 'guest.ts' });
});

test('a machine that nobody has seen booting is not believed to run on a processor', () => {
  assert.equal(isolationHardware({ isolation: 'vm', devices: 'auto' }), 'emulated');
});
