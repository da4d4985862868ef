/** The rooms of the house and who may import whom: read off the import statements of every file. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * What each room of `bench/` may import beside itself, packages, the contract (types), `errors.ts`, `terms.ts`
 * and `words.ts`. Data moves from plan to run to record to report and compare, never back: no view
 * measures, nothing that measures formats. A room that is not in the table, or a line that names a room
 * which is not there, fails.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'bench/statistics': [],
  'bench/machine': [],
  'bench/program': ['bench/machine', 'impls/primitives'],
  'bench/implementations': ['bench/program', 'impls/primitives'],
  'bench/record': ['bench/machine'],
  'bench/format': ['bench/statistics'],
  'bench/party': ['bench/implementations', 'bench/machine', 'bench/record', 'datasets'],
  'bench/network': ['bench/party', 'bench/record', 'bench/statistics'],
  'bench/plan': ['bench/implementations', 'bench/network', 'bench/record', 'datasets'],
  'bench/peer': ['bench/implementations', 'bench/party', 'bench/record', 'bench/statistics', 'datasets'],
  'bench/run': [
    'bench/implementations',
    'bench/machine',
    'bench/network',
    'bench/party',
    'bench/peer',
    'bench/plan',
    'bench/record',
    'bench/statistics',
    'datasets',
  ],
  'bench/intersect': [
    'bench/format',
    'bench/implementations',
    'bench/network',
    'bench/peer',
    'bench/plan',
    'bench/record',
    'bench/run',
    'bench/statistics',
    'datasets',
  ],
  'bench/conformance': ['bench/implementations', 'bench/machine', 'bench/party', 'impls/primitives'],
  'bench/attack': ['bench/conformance', 'bench/record', 'datasets', 'impls/primitives'],
  'bench/compare': ['bench/format', 'bench/record', 'bench/statistics'],
  'bench/regression': [
    'bench/compare',
    'bench/machine',
    'bench/plan',
    'bench/record',
    'bench/run',
    'bench/statistics',
    'datasets',
  ],
  'bench/report': ['bench/attack', 'bench/format', 'bench/network', 'bench/record', 'bench/statistics'],
  'bench/flags': ['bench/compare', 'bench/network', 'bench/peer', 'bench/regression', 'impls/enclave'],
  'bench/serve-cost': ['bench/format', 'bench/machine', 'bench/record', 'bench/statistics', 'impls/enclave'],
  'bench/testing': ['bench/record', 'impls/enclave'],
  'bench/commands': [
    'bench/attack',
    'bench/compare',
    'bench/conformance',
    'bench/flags',
    'bench/format',
    'bench/implementations',
    'bench/intersect',
    'bench/machine',
    'bench/network',
    'bench/peer',
    'bench/plan',
    'bench/record',
    'bench/regression',
    'bench/report',
    'bench/run',
    'bench/serve-cost',
    'datasets',
    'impls/enclave',
  ],
  datasets: [],
};
/** Files at the top of `bench/` that every room may use. */
const FOR_ALL = ['bench/errors.ts', 'bench/terms.ts', 'bench/words.ts'];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !file.includes('/assembly/') && !file.includes('/node_modules/'));
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
  return [...statements].map(([, type, specifier = '']) => ({
    file,
    target: specifier.startsWith('.')
      ? relative(root, join(root, dirname(file), specifier)).replaceAll('\\', '/')
      : specifier,
    typeOnly: type !== undefined,
  }));
}

const isTest = (file: string) => /\.(test|slow)\.ts$/.test(file) || /(^|\/)testing(\.ts$|\/)/.test(file);
/** The room of a file: `bench/<room>`, `datasets`, `impls/<id>`; null for what lies at the top of `bench/`. */
function roomOf(path: string): string | null {
  const [top, folder, rest] = path.split('/');
  if (top === 'datasets') return top;
  if ((top === 'bench' || top === 'impls') && rest !== undefined) return `${top}/${folder}`;
  return null;
}

const files = ['bench', 'benchmarks', 'impls', 'datasets'].flatMap(sources);
const all = files.flatMap(importsOf);
const ours = all.filter(({ file }) => !isTest(file) || file.startsWith('bench/testing/'));
const show = (wrong: readonly Import[]) =>
  wrong.map(({ file, target }) => `${file} imports ${target}`).join('\n');

test('the contract imports nothing', () => {
  assert.ok(files.includes('bench/contract.ts'));
  assert.equal(show(all.filter(({ file }) => file === 'bench/contract.ts')), '');
});

test('every room of the harness imports only what the table allows', () => {
  const wrong = ours.filter(({ file, target, typeOnly }) => {
    const room = roomOf(file);
    const other = roomOf(target);
    if (room === null || !(room.startsWith('bench/') || room === 'datasets')) return false;
    if (target === 'bench/contract.ts') return !typeOnly;
    if (FOR_ALL.includes(target)) return false;
    if (other === null) return /^(bench|benchmarks)\//.test(target);
    return other !== room && !ROOMS[room]?.includes(other);
  });
  assert.equal(show(wrong), '');
});

test('the table of rooms is the house: no room without a line, no line or arrow for nothing', () => {
  const rooms = new Set(files.map(roomOf).filter((room) => room !== null && !room.startsWith('impls/')));
  assert.deepEqual([...rooms].sort(), Object.keys(ROOMS).sort());
  for (const [room, seen] of Object.entries(ROOMS)) {
    for (const other of seen) {
      const used = ours.some(({ file, target }) => roomOf(file) === room && roomOf(target) === other);
      assert.ok(used, `${room} may see ${other} and does not: take it out of the table`);
    }
  }
});

test('an implementation imports the contract (types), primitives, its own folder and packages: nothing else', () => {
  const wrong = ours.filter(({ file, target, typeOnly }) => {
    const room = roomOf(file);
    if (!room?.startsWith('impls/') || !/^(bench|benchmarks|impls|datasets)\//.test(target)) return false;
    if (target === 'bench/contract.ts') return !typeOnly;
    return roomOf(target) !== room && roomOf(target) !== 'impls/primitives';
  });
  assert.equal(show(wrong), '');
});

test('no implementation imports another, not even in its tests; primitives know none', () => {
  const wrong = all.filter(({ file, target }) => {
    const [from, to] = [roomOf(file), roomOf(target)];
    return from?.startsWith('impls/') && to?.startsWith('impls/') && from !== to && to !== 'impls/primitives';
  });
  assert.equal(show(wrong), '');
});

test('nothing imports a benchmark but benchmarks', () => {
  const wrong = all.filter(
    ({ file, target }) => target.startsWith('benchmarks/') && !file.startsWith('benchmarks/'),
  );
  assert.equal(show(wrong), '');
});

test('no circle of imports, those of types included', () => {
  const targets = Map.groupBy(all, ({ file }) => file);
  const done = new Set<string>();
  const circle = (file: string, path: readonly string[]): string | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' → ');
    if (done.has(file)) return null;
    for (const { target } of targets.get(file) ?? []) {
      const found = circle(target, [...path, file]);
      if (found !== null) return found;
    }
    done.add(file);
    return null;
  };
  for (const file of files) assert.equal(circle(file, []), null);
});

test('the patterns above see imports at all', () => {
  const seen = (file: string, target: string) =>
    all.some((found) => found.file === file && found.target === target);
  assert.ok(seen('bench/run/parties.ts', 'bench/party/messages.ts'));
  assert.ok(seen('bench/run/parties.ts', 'bench/contract.ts'));
  assert.ok(seen('impls/hash/index.ts', 'impls/primitives/digest/digest.ts'));
});
