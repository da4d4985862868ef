import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type ProgramDescription, parseDescription } from './description.ts';
import { fillPlaces, PLACES } from './places.ts';

const folder = new URL('../../../docs/peers/', import.meta.url);
const text = (name: string) => readFileSync(new URL(name, folder), 'utf8');
type Json = Record<string, unknown>;

/** A description with every key that there is. */
function whole(): Json {
  return {
    ...(JSON.parse(text('python-dh.json')) as Json),
    environment: { THREADS: '{threads}' },
    files: ['library.so'],
    items: { map: 'digest', bytes: 16, format: 'hex', header: 'id', extension: '.csv' },
    result: { from: 'file', is: 'items', format: 'lines', skipLines: 1, match: '^(.*)$', extension: '.csv' },
    exitCode: 0,
    serves: ['sender'],
    threads: true,
    limits: { receiver: 10, sender: 20 },
    connectSeconds: 5,
  };
}

/** `whole` with the value at `path` changed; `undefined` takes the key out. */
function parse(path: string, value: unknown): ProgramDescription {
  const description = whole();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce((object, key) => object[key] as Json, description);
  holder[last] = value;
  return parseDescription(JSON.stringify(description), 'x.json');
}

test('every description in docs/peers can be read, and says whether it was tried', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.includes('schema'));
  const tried = names.map((name) => [name, parseDescription(text(name), name).tried] as const);
  assert.deepEqual(
    Object.fromEntries(tried),
    Object.fromEntries([
      ['libpsi-kkrt.json', false],
      ['python-dh.json', true],
      ['secretflow-rr22.json', false],
      ['volepsi.json', false],
    ]),
  );
});

test('the configuration that SecretFlow gets is JSON once its places are filled', () => {
  const { commands } = parseDescription(text('secretflow-rr22.json'), 'x');
  const values = Object.fromEntries(Object.keys(PLACES).map((name) => [name, `<${name}>`]));
  for (const role of ['receiver', 'sender'] as const) {
    const config = JSON.parse(fillPlaces(commands[role][2] ?? '', values)) as {
      self_link_party: string;
      link_config: { parties: { id: string; host: string }[] };
    };
    assert.equal(config.self_link_party, role);
    for (const { id, host } of config.link_config.parties)
      assert.equal(host, id === role ? '<own-address>' : '<peer-address>');
  }
});

test('what is absent has its default', () => {
  const { items, result, exitCode, limits, connectSeconds, serves } = parseDescription(
    text('python-dh.json'),
    'x',
  );
  assert.deepEqual(items, { map: 'digest', bytes: 16, format: 'hex', header: null, extension: '.csv' });
  assert.deepEqual(result, {
    ...{ from: 'file', is: 'indices', format: 'lines', skipLines: 0, match: null, extension: '.csv' },
  });
  assert.deepEqual([exitCode, limits.sender, connectSeconds, serves], [0, 65536, 60, []]);
});

test('the schema and the reader know the same keys', () => {
  interface Schema {
    readonly properties?: Readonly<Record<string, Schema>>;
  }
  const schema = JSON.parse(text('program.schema.json')) as Schema;
  for (const [where, of] of [
    ['', schema],
    ['security.', schema.properties?.security],
    ['items.', schema.properties?.items],
    ['result.', schema.properties?.result],
    ['limits.', schema.properties?.limits],
  ] as const) {
    let message = '';
    try {
      parse(`${where}zzz`, 1);
    } catch (error) {
      message = (error as Error).message;
    }
    const known = /There are (.*)$/.exec(message)?.[1]?.split(', ');
    assert.deepEqual(known?.sort(), Object.keys(of?.properties ?? {}).sort(), where);
  }
});

test('the schema holds for every description, and for one with every key', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(text('program.schema.json')),
  );
  const descriptions = readdirSync(folder).filter(
    (name) => name.endsWith('.json') && !name.includes('schema'),
  );
  for (const description of [whole(), ...descriptions.map((name) => JSON.parse(text(name)) as Json)]) {
    validate(JSON.parse(JSON.stringify(description)));
    assert.deepEqual(validate.errors, null, String(description.id));
  }
  assert.equal(validate({ ...whole(), kind: 'enclave' }), false);
});

for (const [path, value, expected] of [
  ['psi-program', 2, '"psi-program" is 2: it must be a whole number from 1 to 1'],
  ['psi-program', undefined, 'its first key must be "psi-program": 1'],
  ['id', 'Not This', '"id" is "Not This": it must be words of lower-case letters'],
  ['titel', 'x', 'there is no key "titel". Did you mean "title"?'],
  ['title', ' ', '"title" is " ": it must be text'],
  ['tried', undefined, '"tried" is missing: it must be true or false'],
  ['references', [], '"references" is []: it must be a list of papers'],
  ['kind', 'enclave', '"kind" is "enclave": it must be one of cryptography, open'],
  ['kind', 'open', 'it must be "open" exactly when "security.private" is false, which is true'],
  ['security', 3, '"security" must be an object { … }, not 3'],
  ['security.bits', 0, '"security.bits" is 0: it must be a positive number of bits, or null'],
  ['security.learns', { helper: 'x' }, '"security.learns" is {"helper":"x"}: it must be an object'],
  ['security.falsePositiveLog2', 40, 'it must be a negative exponent of two'],
  [
    'receiver',
    'frontend -in',
    '"receiver" is "frontend -in": it must be a list: the program, then its arguments',
  ],
  ['receiver', ['a', '{itmes}'], 'there is no place {itmes}: did you mean {items}?'],
  ['receiver', ['a', '{peer-port}'], '{peer-port} is for programs that both listen: write {port}'],
  ['receiver', ['a', '{port}'], 'it must be a command with the place {result}'],
  ['listens', 'both', '{port} could be either: where both listen, write {own-port} or {peer-port}'],
  ['environment', { A: 1 }, '"environment" is {"A":1}: it must be an object of names and texts'],
  [
    'environment.THREADS',
    '{thread}',
    '"environment.THREADS": there is no place {thread}: did you mean {threads}?',
  ],
  ['items.format', 'text', '"items.format" is "text": it must be hex, decimal or binary for digests'],
  ['items.map', 'hash', '"items.map" is "hash": it must be one of digest, as-is'],
  ['items.bytes', 4, '"items.bytes" is 4: it must be a whole number from 8 to 32'],
  ['items.extension', 'csv', '"items.extension" is "csv": it must be the end of a file name with its dot'],
  ['result.format', 'u64', '"result.format" is "u64": it must be lines or binary for items'],
  ['result.match', '^x$', '"result.match" is "^x$": it must be a regular expression with one group'],
  ['result.match', '(', 'it must be a regular expression with one group'],
  ['serves', ['helper'], '"serves" is ["helper"]: it must be a list of receiver or sender'],
  ['limits.sender', 2 ** 30, '"limits.sender" is 1073741824: it must be a whole number from 1 to 16777216'],
  ['exitCode', -1, '"exitCode" is -1: it must be a whole number from 0 to 255'],
] as const) {
  test(`refused in one line: ${path} ${JSON.stringify(value)}`, () => {
    assert.throws(
      () => parse(path, value),
      (error: Error) => {
        assert.equal(error.name, 'UsageError');
        assert.ok(error.message.startsWith('x.json'), error.message);
        assert.ok(error.message.includes(expected), error.message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  });
}

test('short digests need a bound on wrong results', () => {
  const description = whole();
  description.items = { format: 'hex', bytes: 8 };
  description.security = { ...(description.security as Json), falsePositiveLog2: null };
  assert.throws(
    () => parseDescription(JSON.stringify(description), 'x.json'),
    /digests may collide, so give a bound/,
  );
});

test('what is no JSON, and JSON that describes no program', () => {
  assert.throws(() => parseDescription('{', 'x.json'), {
    name: 'UsageError',
    message: /^x\.json is not JSON: /,
  });
  assert.throws(() => parseDescription('[]', 'x.json'), /x\.json: it must be an object/);
  assert.throws(() => parseDescription('{"name": "psi-bench"}', 'x.json'), /describes no program/);
});
