import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireBuilt } from './built.ts';

test('kernels that are not built are one line that names the remedy', () => {
  requireBuilt();
  const here = { name: 'here', module: fileURLToPath(import.meta.url) };
  assert.throws(() => requireBuilt([here, { name: 'gone', module: '/nowhere/gone.wasm' }]), {
    name: 'UsageError',
    message: '1 of 2 kernels are not built (npm ci --ignore-scripts leaves that out): run "npm run build"',
  });
});
