import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFolder } from '../testing/cli.ts';
import { builtIn } from './find.ts';
import { sourceHash } from './source.ts';

test('any file that takes part changes the hash, and no other does', async () => {
  const dir = await emptyFolder();
  for (const folder of ['mine', 'shared/assembly', 'other'])
    mkdirSync(join(dir, folder), { recursive: true });
  const write = (file: string, text: string) => writeFileSync(join(dir, file), text);
  write('mine/index.ts', `import { a } from '../shared/part.ts';\nconst b = import('./late.ts');\n`);
  write('mine/late.ts', `export * from './index.ts'; // a circle\n`);
  write('shared/part.ts', `const url = new URL('./kernel.wasm', import.meta.url);\n`);
  write('shared/asconfig.json', '{}');
  write('shared/kernel.wasm', 'binary');
  write('shared/assembly/index.ts', 'kernel');
  write('other/file.ts', 'nobody imports it');
  const hash = () => sourceHash(join(dir, 'mine/index.ts'));
  const seen = new Set([await hash()]);
  for (const file of ['mine/late.ts', 'shared/part.ts', 'shared/kernel.wasm', 'shared/assembly/index.ts']) {
    write(file, `${file} edited`);
    seen.add(await hash());
  }
  assert.equal(seen.size, 5);
  write('other/file.ts', 'edited');
  assert.ok(seen.has(await hash()));
});

test('every built-in implementation has one, and their parts are found', async () => {
  const all = await builtIn();
  const hashes = await Promise.all(all.map(({ module }) => sourceHash(module)));
  for (const hash of hashes) assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(new Set(hashes).size, new Set(all.map(({ module }) => module)).size);
});
