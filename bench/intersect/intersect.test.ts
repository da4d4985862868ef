import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { builtIn } from '../implementations/find.ts';
import { parseNetwork } from '../network/index.ts';
import { disclosure } from './disclosure.ts';
import { type IntersectRequest, intersect } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'intersect-'));
after(() => rmSync(folder, { recursive: true }));

function save(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const receiverFile = save('a.csv', 'id;name\n1;Anna\n2;Zoë\n3;Bob\n;nobody\n');
const senderFile = save('b.csv', 'Surname\tNo\nZOE\u0308\t2\nCy\t3\nBob\t3\n');

async function run(
  changes: Partial<IntersectRequest>,
): Promise<{ code: number; lines: string[]; rows: string }> {
  const lines: string[] = [];
  const out = join(folder, 'out.csv');
  const code = await intersect(
    {
      files: { kind: 'file', receiverFile, senderFile, key: ['id', 'name'], senderKey: ['No', 'Surname'] },
      peer: null,
      resultTo: 'receiver',
      impl: 'ecdh',
      set: [],
      output: { kind: 'intersection' },
      threads: 1,
      network: parseNetwork('none'),
      timeoutMs: 60_000,
      out,
      check: true,
      ...changes,
    },
    { say: (line) => lines.push(line), busy: () => {} },
    new AbortController().signal,
  );
  return { code, lines, rows: readdirSync(folder).includes('out.csv') ? readFileSync(out, 'utf8') : '' };
}

test('one run: the rows, what was dropped, what it took, and what was trusted and revealed', async () => {
  const { code, lines, rows } = await run({ impl: 'auto' });
  assert.equal(code, 0);
  assert.equal(rows, 'id;name\n2;Zoë\n3;Bob\n');
  const [dropped = '', why = '', checked = '', figures = '', trusted = ''] = lines;
  assert.equal(dropped, 'receiver: of 4 rows, 3 are compared; dropped: 1 without a key');
  assert.match(why, / is taken: about /);
  assert.match(checked, /a plain comparison of the two files gives the same/);
  assert.match(
    figures,
    /^2 of the receiver's 3 items are shared; \S+ took .* and sent .* \(one run: no measurement\)$/,
  );
  assert.match(
    trusted,
    /^trusted: that the peer follows the protocol; the receiver learned which of its items/,
  );
  assert.equal(lines.length, 5);
});

test('nothing shared: how each side is written, and what differs', async () => {
  const zeros = save('zeros.csv', 'id\n00123\n00456\n00789\n');
  const plain = save('plain.csv', 'id\n123\n456\n790\n');
  const { lines, rows } = await run({
    impl: 'hash',
    files: { kind: 'file', receiverFile: zeros, senderFile: plain, key: ['id'] },
  });
  assert.equal(rows, 'id\n');
  const text = lines.join('\n');
  assert.match(text, /nothing is shared; how the keys are written:/);
  assert.match(text, /receiver, "id": all of 5 characters, 100 % with leading zeros; written as 00999/);
  assert.match(text, /sender, "id": all of 3 characters; written as 999/);
  assert.match(text, /leading zeros were dropped on one side: try --normalise drop-leading-zeros/);
  assert.match(text, /THIS IS NOT PRIVATE/);
  assert.ok(!/123|456|789|790/.test(text), 'no value is told');
});

test('what cannot be done is refused', async () => {
  await assert.rejects(run({ impl: 'hash,ecdh' }), /unknown implementation|one implementation here/);
  await assert.rejects(run({ impl: 'all' }), /--impl names one implementation here, or auto; got "all"/);
  await assert.rejects(
    run({ impl: 'auto', set: ['ecdh.engine=wasm'] }),
    /--set goes with a named implementation/,
  );
  await assert.rejects(run({ set: ['hash.digest=16'] }), /--set hash.digest=16: the implementation is ecdh/);
});

test('what was trusted and revealed is said of every implementation', async () => {
  for (const { implementation } of await builtIn()) {
    const defaults = Object.fromEntries(
      Object.entries(implementation.options).map(([name, option]) => [name, option.default]),
    );
    const text = disclosure(implementation, defaults, { kind: 'intersection' });
    assert.ok(text.startsWith(`trusted: ${implementation.security.trust}`));
    for (const learned of Object.values(implementation.security.learns)) {
      if (learned) assert.ok(text.includes(learned));
    }
    assert.equal(text.includes('third party learned'), implementation.helper !== undefined);
    assert.equal(text.includes('NOT PRIVATE'), !implementation.security.private);
  }
});
