/** The arrows of the design: who may import whom. Read off the import statements of every file. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !file.includes('/assembly/'));
}

interface Import {
  readonly file: string;
  /** A path from the project's root, or the name of a package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s(type\s)?(?:[^;'"]*?from\s+)?'([^']+)'/gms);
  return [...statements].map(([, type, specifier]) => ({
    file,
    target: specifier.startsWith('.')
      ? relative(root, join(root, dirname(file), specifier)).replaceAll('\\', '/')
      : specifier,
    typeOnly: type !== undefined,
  }));
}

const isTest = (file: string) =>
  /\.(test|slow)\.ts$/.test(file) || /(^|\/)(testing|bench)(\.ts$|\/)/.test(file.replace(/^bench\//, ''));
const all = [...sources('bench'), ...sources('impls'), ...sources('datasets')].flatMap(importsOf);
const show = (wrong: readonly Import[]) =>
  wrong.map(({ file, target }) => `${file} imports ${target}`).join('\n');

test('the contract imports nothing', () => {
  assert.equal(show(all.filter(({ file }) => file === 'bench/contract.ts')), '');
});

test('an implementation imports the contract (types), primitives, its own folder and packages: nothing else', () => {
  const wrong = all.filter(({ file, target, typeOnly }) => {
    if (!file.startsWith('impls/') || isTest(file) || !/^(bench|impls|datasets)\//.test(target)) return false;
    const own = file.split('/').slice(0, 2).join('/');
    if (target === 'bench/contract.ts') return !typeOnly;
    return !target.startsWith(`${own}/`) && !target.startsWith('impls/primitives/');
  });
  assert.equal(show(wrong), '');
});

test('no implementation imports another, not even in its tests', () => {
  const wrong = all.filter(({ file, target }) => {
    const from = /^impls\/([^/]+)\//.exec(file)?.[1];
    const to = /^impls\/([^/]+)\//.exec(target)?.[1];
    return (
      from &&
      to &&
      from !== 'primitives' &&
      to !== 'primitives' &&
      from !== to &&
      !/(^|\/)bench\.ts$/.test(file)
    );
  });
  assert.equal(show(wrong), '');
});

test('primitives know no implementation', () => {
  const wrong = all.filter(
    ({ file, target }) =>
      file.startsWith('impls/primitives/') &&
      !isTest(file) &&
      target.startsWith('impls/') &&
      !target.startsWith('impls/primitives/'),
  );
  assert.equal(show(wrong), '');
});

test('reports and comparisons read records: they reach neither implementations nor what measures', () => {
  const measuring = /^bench\/(crew|party|run|sweep|channel|plan|implementations)\.ts$/;
  const wrong = all.filter(
    ({ file, target }) =>
      /^bench\/(report\/|compare)/.test(file) &&
      !isTest(file) &&
      (target.startsWith('impls/') || measuring.test(target)),
  );
  assert.equal(show(wrong), '');
});

test('data sets know neither harness nor implementations', () => {
  const wrong = all.filter(
    ({ file, target, typeOnly }) =>
      file.startsWith('datasets/') &&
      !isTest(file) &&
      /^(bench|impls)\//.test(target) &&
      !(target === 'bench/contract.ts' && typeOnly) &&
      target !== 'bench/nearest.ts',
  );
  assert.equal(show(wrong), '');
});

test('the patterns above see imports at all', () => {
  assert.ok(all.some(({ file, target }) => file === 'bench/crew.ts' && target === 'bench/control.ts'));
  assert.ok(
    all.some(
      ({ file, target, typeOnly }) => file === 'bench/crew.ts' && target === 'bench/contract.ts' && typeOnly,
    ),
  );
  assert.ok(all.some(({ file }) => file.startsWith('impls/hash/')));
});
