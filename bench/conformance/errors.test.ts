import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whatIsUnclear } from './errors.ts';

/** What a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  assert.fail('nothing was thrown');
}

const nothing = undefined as unknown as { x: { y: number }; f: () => void; length: number };
const empty = new Uint8Array(0);

const escaped: [string, () => unknown][] = [
  ['a property of undefined', () => nothing.x],
  ['an array of negative length', () => new Uint8Array(-1)],
  ['a view beyond the end', () => new DataView(empty.buffer).getUint32(0)],
  ['a copy beyond the end', () => empty.set([1])],
  ['an unaligned view', () => new Uint32Array(new ArrayBuffer(3))],
  ['a Buffer read beyond the end', () => Buffer.alloc(1).readUInt32LE()],
  ['a wrong argument of Node', () => Buffer.from(5 as unknown as string)],
  ['broken JSON', () => JSON.parse('{')],
  ['bigints mixed', () => (1n as unknown as number) + 1],
  ['a failed assertion', () => assert.equal(1, 2, 'one is not two here')],
];

for (const [what, run] of escaped) {
  test(`unclear: ${what}`, () => {
    assert.match(String(whatIsUnclear(thrown(run))), /an error of its insides/);
  });
}

test('unclear: a call of what is no function, and WASM that traps', () => {
  const noFunction = thrown(() => (empty as unknown as { f(): void }).f());
  assert.match(String(whatIsUnclear(noFunction)), /insides/);
  assert.match(String(whatIsUnclear(new WebAssembly.RuntimeError('memory access out of bounds'))), /insides/);
});

test('unclear: what is no Error or says nothing', () => {
  assert.match(String(whatIsUnclear('a string thrown')), /a string that is no Error/);
  assert.match(String(whatIsUnclear({ message: 'an object thrown' })), /an object that is no Error/);
  assert.match(String(whatIsUnclear(new Error(''))), /says too little/);
  assert.match(String(whatIsUnclear(new Error('bad'))), /says too little/);
  assert.match(String(whatIsUnclear(new AggregateError([new Error('x')], 'several errors'))), /too little/);
});

test('clear: an Error with a sentence, of whatever class', () => {
  for (const error of [
    new Error('expected a message of 32 bytes, got 31'),
    new RangeError('the count 99 exceeds the 4 items of the receiver'),
    new TypeError('"point" expected Uint8Array of length 32, got length=31'),
    new AggregateError([new Error('expected 32 bytes, got 31')]),
  ]) {
    assert.equal(whatIsUnclear(error), undefined, error.message);
  }
});
