/** The package as people get it: packed, installed into an empty folder without any script, and used from there. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { builtIn } from '../bench/implementations/find.ts';
import { readRecord } from '../bench/record/samples.ts';
import { bench, emptyFolder, type Finished, only } from '../bench/testing/cli.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const shell = process.platform === 'win32';
/** The user's folder, and what was packed. */
let folder: string;
let packed: readonly string[];

/** The environment of somebody who has npm and Node, and nothing of this clone. */
const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
const environment = Object.fromEntries(
  Object.entries({ ...process.env, PATH: path.join(delimiter) }).filter(([name]) => !/^npm_/i.test(name)),
);

function npm(cwd: string, ...words: string[]): string {
  return execFileSync('npm', words, { cwd, shell, env: environment, encoding: 'utf8' });
}

/** Runs `command` in the user's folder to its end. */
function use(command: string, ...words: string[]): Promise<Finished> {
  const child = spawn(command, words, { cwd: folder, env: environment, shell });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const npx = (...words: string[]) => use('npx', '--no-install', ...words);
const installed = (...names: string[]) => join(folder, 'node_modules', ...names);

before(async () => {
  folder = await emptyFolder();
  const [made] = JSON.parse(npm(root, 'pack', '--json', '--pack-destination', folder)) as [
    { filename: string; files: { path: string }[] },
  ];
  packed = made.files.map((file) => file.path);
  writeFileSync(join(folder, 'package.json'), '{ "name": "of-a-user", "private": true }\n');
  npm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', `./${made.filename}`);
});

test('it carries compiled code, kernels, data and documents, and no test or source', () => {
  const unwanted = /\.(?:test|slow)\.|(?:^|\/)(?:testing|benchmarks|assembly|node_modules)\/|(?<!\.d)\.ts$/;
  assert.deepEqual(
    packed.filter((name) => unwanted.test(name)),
    ['docs/my-psi.ts'],
  );
  for (const name of ['dist/bench/contract.d.ts', 'dist/impls/primitives/digest/digest.wasm', 'docs/ci.md']) {
    assert.ok(packed.includes(name), name);
  }
});

/** What the package leaves to its user to install: its implementation says so, and is listed as unavailable. */
const LEFT_OUT = ['openmined'];

test('it lists what the clone has, and what has to be installed for the one that needs more', async () => {
  const ids = (await builtIn()).map(({ implementation }) => implementation.id);
  const { code, stdout, stderr } = await npx('bench', 'list', '--json');
  assert.equal(code, 0, stderr);
  const listed = JSON.parse(stdout) as { id: string; available: true | string }[];
  assert.deepEqual(
    listed.map(({ id }) => id),
    ids,
  );
  for (const { id, available } of listed) {
    if (LEFT_OUT.includes(id)) assert.match(String(available), /npm install/);
    else assert.equal(available, true, id);
  }
});

/** A run from the user's folder, once each, one-shot: the implementations whose results were right. */
async function run(out: string, ...words: string[]): Promise<ReadonlySet<string>> {
  const few = ['--size', '2^6', '--runs', '1', '--executions', '1', '--mode', 'one-shot', '--out', out];
  const { code, stderr } = await npx('bench', 'run', ...few, ...words);
  assert.equal(code, 0, stderr);
  const { samples, environment } = await readRecord(only(join(folder, out)));
  const others = samples.filter(({ outcome }) => !['ok', 'skipped', 'unavailable'].includes(outcome));
  assert.deepEqual(others, []);
  const facts = JSON.parse(readFileSync(installed('psi-bench/dist/code.json'), 'utf8'));
  assert.deepEqual(environment.code, facts);
  return new Set(samples.filter(({ outcome }) => outcome === 'ok').map(({ impl }) => impl));
}

test('a run of everything gives right results, a record that says whose code it was, and a report', async () => {
  const known = (await builtIn()).map(({ implementation }) => implementation.id);
  const right = await run('results-1', '--impl', 'all');
  assert.deepEqual(
    [...right].sort(),
    known.filter((id) => !LEFT_OUT.includes(id)),
  );
  assert.ok(existsSync(join(folder, 'reports/latest/report.md')));
});

test('workers find their modules too', async () => {
  const right = await run('results-2', '--impl', 'kkrt,rr22,ecdh', '--threads', '2');
  assert.deepEqual([...right].sort(), ['ecdh', 'kkrt', 'rr22']);
});

test('the interactive page is, byte for byte, the one that the clone makes', async () => {
  const record = only(join(folder, 'results-1'));
  const theirs = await npx('bench', 'report', '--html', record, '--out', 'theirs');
  assert.equal(theirs.code, 0, theirs.stderr);
  const ours = await bench(['report', '--html', record, '--out', 'ours'], folder);
  assert.equal(ours.code, 0, ours.stderr);
  const pages = readdirSync(join(folder, 'ours')).filter((name) => name.endsWith('.html'));
  assert.equal(pages.length, 1);
  for (const name of pages) {
    const page = (out: string) => readFileSync(join(folder, out, name), 'utf8');
    assert.ok(page('theirs') === page('ours'), 'the two pages differ');
  }
});

test("a user's own TypeScript is checked, and measured against its last commit", async () => {
  copyFileSync(installed('psi-bench/docs/my-psi.ts'), join(folder, 'my-psi.ts'));
  const checked = await npx('bench', 'check', './my-psi.ts');
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  writeFileSync(join(folder, '.gitignore'), 'node_modules\nresults-*\nreports\n*.tgz\n');
  const git = (...words: string[]) => execFileSync('git', words, { cwd: folder, env: environment });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=Test', '-c', 'user.email=test@example.org', 'commit', '-q', '-m', 'mine');
  const words = ['--impl', './my-psi.ts', '--size', '2^6', '--max-pairs', '10', '--threshold', '90%'];
  const { code, stdout, stderr } = await npx('bench', 'ab', 'HEAD', '.', ...words);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /my-psi/);
});

test('its types hold for who imports them, and find what is wrong', async () => {
  const compiler = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));
  const check = (text: string) => {
    writeFileSync(join(folder, 'typed.ts'), text);
    const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', ...types];
    return use(process.execPath, compiler, '--ignoreConfig', ...options, 'typed.ts', 'my-psi.ts');
  };
  const text = `import type { Implementation, Session } from 'psi-bench';
import { testImplementation } from 'psi-bench/conformance';
import mine from './my-psi.ts';
const kind: Implementation['kind'] = 'open';
export const size = ({ sizes }: Session): number => sizes.receiver + kind.length;
testImplementation(mine);
`;
  const right = await check(text.replace("'./my-psi.ts'", "'./my-psi.js'"));
  assert.equal(right.code, 0, right.stdout);
  const wrong = await check(
    "import type { Session } from 'psi-bench';\nexport const size = ({ sizes }: Session): string => sizes.receiver;\n",
  );
  assert.match(wrong.stdout, /typed\.ts\(2,\d+\): error TS2322/);
});

test('documents are made and verified', async () => {
  const made = await npx('bench', 'attest', 'emulate', 'document.bin', '--nonce', '8f1c');
  assert.equal(made.code, 0, made.stderr);
  const verify = (nonce: string) =>
    npx('bench', 'attest', 'verify', 'document.bin', '--root', 'emulator', '--nonce', nonce);
  const right = await verify('8f1c');
  assert.equal(right.code, 0, right.stderr + right.stdout);
  assert.notEqual((await verify('8f1d')).code, 0);
});

test('what a dictionary and a host find is shown', async () => {
  const { code, stdout, stderr } = await npx(
    'bench',
    'attack',
    '--impl',
    'hash',
    '--size',
    '64',
    '--guesses',
    '200',
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /host of the oblivious join: equal traces of \d+ events/);
});

test('a server in an enclave is served to a client that demands the measured code', async () => {
  const start = async (...args: string[]) => {
    // Not through npx, which ends without what it started.
    const words = [installed('psi-bench/bin/bench.js'), 'attest', ...args];
    const child = spawn(process.execPath, words, { cwd: folder, env: environment });
    let said = '';
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const hear = (chunk: Buffer) => {
      said += chunk;
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (port !== undefined) resolve(port);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', () => reject(new Error(`it ended: ${said}`)));
    return { child, port: await promise };
  };
  const host = await start('serve', 'echo', '--listen', '127.0.0.1:0');
  const proxy = await start(
    'proxy',
    '--enclave',
    `127.0.0.1:${host.port}`,
    '--forward',
    '0',
    '--measure',
    'echo',
    '--root',
    'emulator',
  );
  const socket = connect(Number(proxy.port), '127.0.0.1');
  socket.end('hello');
  let heard = '';
  for await (const chunk of socket) heard += chunk;
  for (const { child } of [proxy, host]) child.kill('SIGTERM');
  assert.equal(heard, 'hello');
});

test('started by an older Node it goes on under the pinned one; without that one it says what to do', async () => {
  const old = path.map((entry) => join(entry, 'node')).find(existsSync);
  assert.ok(old !== undefined, 'npm came with a Node');
  const major = Number(
    execFileSync(old, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }),
  );
  const start = () => use(old, installed('psi-bench/bin/bench.js'), '--version');
  const pinned = await start();
  assert.equal(pinned.code, 0, pinned.stderr);
  for (const name of readdirSync(installed()).filter((name) =>
    /^node-(?:bin-)?(?:darwin|linux|win)-/.test(name),
  )) {
    rmSync(installed(name), { recursive: true });
  }
  rmSync(installed('sodium-native'), { recursive: true });
  const bare = await start();
  if (major >= 26) assert.equal(bare.code, 0, bare.stderr);
  else {
    assert.equal(bare.code, 2);
    assert.match(bare.stderr, /^bench: Node 26 or newer is needed, this is v\d+\.\d+\.\d+: .*\n$/);
  }
  // The optional engine is missed by its name, and nothing else is.
  const sodium = await use(
    process.execPath,
    installed('psi-bench/bin/bench.js'),
    'run',
    '--impl',
    'ecdh',
    '--set',
    'ecdh.engine=sodium',
    '--size',
    '16',
    '--mode',
    'one-shot',
  );
  assert.match(sodium.stdout + sodium.stderr, /npm install sodium-native/);
});
