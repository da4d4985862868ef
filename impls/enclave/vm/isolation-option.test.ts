import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProcess } from '../runtime/launcher.ts';
import { ISOLATION_OPTION, isolationAvailable, isolationHardware, starterOf } from './isolation-option.ts';
import { startMachine } from './start.ts';

test('a process is the default, is always there, and is called simulated', async () => {
  assert.equal(ISOLATION_OPTION.default, 'process');
  assert.equal(await isolationAvailable({ isolation: 'process' }), true);
  assert.equal(isolationHardware({ isolation: 'process' }), 'simulated');
  assert.equal(starterOf({ isolation: 'process' }), startProcess);
});

test('a machine that nobody has seen booting is not believed to run on a processor', () => {
  assert.equal(isolationHardware({ isolation: 'vm' }), 'emulated');
  assert.equal(starterOf({ isolation: 'vm' }), startMachine);
});
