import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { emptyFolder } from '../bench/testing/cli.ts';
import { compile } from './compile.ts';

const project = fileURLToPath(new URL('../', import.meta.url));

/** A project of these files, with the settings and packages of this one. */
async function projectOf(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await emptyFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ extends: join(project, 'tsconfig.json') }));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'), 'junction');
  return root;
}

test('what is imported or named as a module is compiled, and so are its names', async () => {
  const root = await projectOf({
    'impls/a/index.ts': `import { b } from './b.ts';
export const names = [b, new URL('./worker.ts', import.meta.url).href, 'impls/guest.ts', 'see ./b.ts', '.ts'];
`,
    'impls/a/b.ts': 'export const b: string = "b";\n',
    'impls/a/worker.ts': "export const next = './deep/more.ts';\n",
    'impls/a/deep/more.ts': 'export const more: number = 1;\n',
    'impls/guest.ts': 'export const guest: number = 1;\n',
    'impls/nobody.ts': 'export const nobody: number = 1;\n',
  });
  const out = join(root, 'dist');
  compile(root, out, ['impls/a/index.ts']);
  const text = (name: string) => readFileSync(join(out, name), 'utf8');
  const index = text('impls/a/index.js');
  for (const name of ["'./b.js'", "'./worker.js'", "'impls/guest.js'", "'see ./b.ts'", "'.ts'"]) {
    assert.ok(index.includes(name), `${name} in ${index}`);
  }
  assert.ok(text('impls/a/worker.js').includes("'./deep/more.js'"));
  assert.match(text('impls/a/deep/more.js'), /more = 1/);
  assert.match(text('impls/guest.js'), /guest = 1/);
  assert.throws(() => text('impls/nobody.js'));
});

test('a name that would only be right before compiling is refused, and so is a wrong type', async () => {
  const named = await projectOf({ 'impls/a.ts': "export const name = ['x', 'index.ts'];\n" });
  assert.throws(
    () => compile(named, join(named, 'dist'), ['impls/a.ts']),
    /a\.js names "index\.ts", which is no module/,
  );
  const wrong = await projectOf({ 'impls/a.ts': "export const size: number = '1';\n" });
  assert.throws(() => compile(wrong, join(wrong, 'dist'), ['impls/a.ts']), /a\.ts\(1,14\): error TS2322/);
});
