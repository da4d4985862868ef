import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell, Plan } from '../plan/plan.ts';
import { announced, TerminalProgress } from './progress.ts';

/** A terminal that remembers what was written, one line per rewriting. */
function terminal(columns: number) {
  const lines: string[] = [];
  const stream = { columns, write: (text: string) => lines.push(text.replace('\r\x1b[K', '')) > 0 };
  return { lines, stream: stream as unknown as NodeJS.WriteStream };
}

function cell(id: string, size: number): Cell {
  return {
    id: `${id}/${size}`,
    series: id,
    datasetName: 'random',
    network: 'none',
    sizes: { receiver: size, sender: size },
    located: { implementation: { id } },
  } as unknown as Cell;
}

function planOf(cells: readonly Cell[]): Plan {
  return { blocks: [{ cells }], request: { runs: 4, timeMs: 1000, budgetMs: 20_000 } } as unknown as Plan;
}

test('a line per step: which cell, of how many, and an estimate of what is left that falls', () => {
  const small = cell('ecdh', 1024);
  const large = cell('ecdh', 4096);
  const { lines, stream } = terminal(200);
  const progress = new TerminalProgress(stream, planOf([small, large]));
  progress.show(small, 'warming up');
  assert.match(lines[0]!, /^\[1\/2\] ecdh random 2\^10 × 2\^10: warming up; about 5 s left$/);
  progress.took(small, 500);
  progress.show(small, 'run 1');
  // 5 runs of 0.5 s, one done; the larger one in proportion: 5 runs of 2 s.
  assert.match(lines[1]!, /run 1; about 12 s left$/);
  progress.cellDone(small);
  progress.show(large, 'run 1');
  assert.match(lines[2]!, /^\[2\/2\] ecdh random 2\^12 × 2\^12: run 1; about 10 s left$/);
  progress.cellDone(large);
  progress.end();
  assert.equal(lines.at(-1), '');
});

test('nothing is wider than the terminal, and a long wait is given in minutes', () => {
  const slow = cell('an-implementation-with-a-long-name', 2 ** 20);
  const { lines, stream } = terminal(60);
  const progress = new TerminalProgress(stream, {
    ...planOf([slow]),
    request: { runs: 100, timeMs: 0, budgetMs: 3_600_000 },
  } as unknown as Plan);
  progress.took(slow, 6000);
  progress.show(slow, 'run 2');
  assert.ok(lines[0]!.length < 60);
  const wide = terminal(300);
  const same = new TerminalProgress(wide.stream, {
    ...planOf([slow]),
    request: { runs: 100, timeMs: 0, budgetMs: 3_600_000 },
  } as unknown as Plan);
  same.took(slow, 6000);
  same.show(slow, 'run 2');
  assert.match(wide.lines[0]!, /about 10 min left$/);
});

test('what takes long says so again and again until it is done or has failed; what does not says nothing', async () => {
  const lines: string[] = [];
  const work = Promise.withResolvers<number>();
  const waiting = announced(
    'calibrating',
    work.promise,
    (line) => {
      if (lines.push(line) === 3) work.resolve(7);
    },
    5,
  );
  assert.equal(await waiting, 7);
  assert.ok(lines.every((line) => /^calibrating: \d+ s so far$/.test(line)));
  const failing = announced('calibrating', Promise.reject(new Error('gone')), (line) => lines.push(line));
  await assert.rejects(failing, /gone/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(lines.length, 3);
});
