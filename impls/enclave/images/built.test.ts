import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PSI_GUEST } from '../guests/psi-guest.ts';
import { buildImage, measureImage } from '../runtime/image.ts';
import {
  BUILT_GUESTS,
  type BuiltImage,
  builtImage,
  builtPath,
  imagesAreBuilt,
  inputDigest,
  readBuilt,
} from './built.ts';
import { bundleImage } from './bundle.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('the built image is what its sources give, byte for byte, and it is what is launched and expected', async () => {
  const bundled = await bundleImage(PSI_GUEST);
  const built = builtImage(PSI_GUEST);
  assert.ok(built);
  assert.deepEqual(Object.keys(bundled.files), [...built.keys()], 'in the order in which it is measured');
  for (const [path, base64] of Object.entries(bundled.files)) {
    assert.equal(Buffer.from(built.get(path) ?? []).toString('base64'), base64, path);
  }
  assert.deepEqual(measureImage(buildImage(PSI_GUEST)), measureImage(built));
});

test('everything that runs is in it, and nothing of the machine, the hypervisor or the client', () => {
  const built = builtImage(PSI_GUEST);
  const inputs = Object.keys(readBuilt(builtPath('psi'), 'all sources')?.inputs ?? {});
  assert.deepEqual(
    [...(built?.keys() ?? [])],
    [
      'image.json',
      'impls/enclave/guests/psi.js',
      'impls/enclave/runtime/inside/main.js',
      'impls/primitives/digest/digest.wasm',
      'impls/primitives/join/join.wasm',
      'impls/primitives/oblivious/oblivious.wasm',
      'package.json',
    ],
  );
  for (const bytes of built?.values() ?? []) assert.ok(!Buffer.from(bytes).includes(root));
  assert.ok(inputs.includes('impls/primitives/third-party/server.ts'));
  assert.ok(!inputs.some((name) => /nsm\/(emulated|certificates)|attestation\/|launcher|bench\//.test(name)));
});

test('an image that is older than its sources is looked at closely: their contents decide', () => {
  const folder = mkdtempSync(join(tmpdir(), 'built-'));
  try {
    const path = join(folder, 'psi.image.json');
    const write = (text: string, at: Date) => {
      writeFileSync(path, text);
      utimesSync(path, at, at);
    };
    const text = readFileSync(builtPath('psi'), 'utf8');
    const { inputs, files } = JSON.parse(text) as BuiltImage;
    const other = JSON.stringify({ inputs: { ...inputs, [PSI_GUEST]: 'of another source' }, files });
    assert.equal(readBuilt(path, 'young sources'), undefined, 'it is not there');
    // As after a checkout: everything is younger than the image, and the same.
    write(text, new Date(0));
    assert.deepEqual(readBuilt(path, 'young sources')?.files, files);
    write(other, new Date(0));
    assert.equal(readBuilt(path, 'young sources'), undefined, 'a source has changed since');
    write(JSON.stringify({ inputs: { 'impls/enclave/gone.ts': '' }, files }), new Date());
    assert.equal(readBuilt(path, 'young sources'), undefined, 'a source is gone');
    // Copied from elsewhere: younger than sources that it was not built from.
    write(other, new Date(Date.now() + 1000));
    assert.equal(readBuilt(path, 'all sources'), undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('other guests have no built image; line ends are not told apart', () => {
  assert.deepEqual(BUILT_GUESTS, ['psi']);
  assert.equal(imagesAreBuilt(), true);
  assert.equal(builtImage('impls/enclave/guests/echo.ts'), undefined);
  assert.equal(builtImage('somewhere/else/psi.ts'), undefined);
  assert.equal(inputDigest(Buffer.from('a\r\nb')), inputDigest(Buffer.from('a\nb')));
  assert.notEqual(inputDigest(Buffer.from('a\nb')), inputDigest(Buffer.from('ab')));
});
