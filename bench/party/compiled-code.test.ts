import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CompiledCode, compiledCode, PARTY_ARGUMENTS } from './compiled-code.ts';

// Tests run with a cache that they share; these are about the one that a run makes for itself.
delete process.env.NODE_COMPILE_CACHE;

const HASH = fileURLToPath(new URL('../../impls/hash/index.ts', import.meta.url));
const OWN = new URL('./compiled-code.ts', import.meta.url).href;

function folderOf({ environment }: CompiledCode): string {
  return environment.NODE_COMPILE_CACHE!;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

/** A process that makes compiled code, says where, and waits. */
async function maker(then: string): Promise<{ child: ChildProcess; folder: string }> {
  const script = `
    const { compiledCode } = await import(${JSON.stringify(OWN)});
    const code = compiledCode(${JSON.stringify(HASH)});
    await code.ready;
    process.stdout.write(code.environment.NODE_COMPILE_CACHE + '\\n');
    ${then}`;
  const env = { ...process.env, NODE_V8_COVERAGE: undefined };
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, folder: line.toString().trim() };
}

test("an implementation's compiled code is found by processes with a party's options, and stays as it was made", async (t) => {
  if (process.env.NODE_V8_COVERAGE) return t.skip('the coverage of code is measured without compiled code');
  const code = compiledCode(HASH);
  assert.ok(code);
  assert.equal(compiledCode(HASH), code, 'made once per process');
  await code.ready;
  const made = filesIn(folderOf(code));
  assert.ok(made.length > 1);

  // What Node says of its cache: everything that the implementation brings comes out of it.
  const load = `await import(${JSON.stringify(HASH)})`;
  const child = spawn(process.execPath, [...PARTY_ARGUMENTS, '--input-type=module', '-e', load], {
    env: { ...process.env, ...code.environment, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(child, 'close');
  assert.match(said, /V8 code cache for ESM file:\S+impls\/hash\/index\.ts was accepted/);
  assert.doesNotMatch(said, /impls\S+\.\.\.\[?.*no such file/);

  const [version = ''] = made;
  writeFileSync(join(folderOf(code), version, 'added'), 'by a party');
  code.restore();
  assert.deepEqual(filesIn(folderOf(code)), made);
});

test('the folder of compiled code ends with its process, also when that is killed', async (t) => {
  if (process.platform === 'win32') return t.skip('nothing removes it there when the process is killed');
  const ending = await maker('process.exit(0)');
  await once(ending.child, 'close');
  assert.ok(!existsSync(join(ending.folder, '..')));

  const killed = await maker('setInterval(() => {}, 1000)');
  assert.ok(existsSync(killed.folder));
  killed.child.kill('SIGKILL');
  for (let i = 0; existsSync(join(killed.folder, '..')); i++) {
    assert.ok(i < 500, 'the folder of a killed process is removed');
    await sleep(10);
  }
});
