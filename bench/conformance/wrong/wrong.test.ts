import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { checkImplementation, conformanceChecks } from '../index.ts';
import { wrongImplementations } from './index.ts';
import { leftBehind } from './tricks.ts';

after(() => {
  for (const child of leftBehind) child.kill('SIGKILL');
});

for (const { implementation, check, says } of wrongImplementations) {
  test(`${implementation.id} is killed by: ${check}`, async () => {
    const [result] = await checkImplementation(implementation, { only: [check], limitMs: 2_000 });
    assert.equal(result?.name, check);
    assert.equal(result.outcome, 'failed', 'the check passed');
    assert.match(result.reason, says);
    assert.doesNotMatch(result.reason, /\n/);
  });
}

test('every check kills at least one wrong implementation', () => {
  const killers = new Set(wrongImplementations.map(({ check }) => check));
  const idle = conformanceChecks.filter(({ name }) => !killers.has(name)).map(({ name }) => name);
  assert.deepEqual(idle, []);
});
