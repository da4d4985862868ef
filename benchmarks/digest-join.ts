/**
 * Digests, joins and the `hash` protocol that is made of them, each against a yardstick, in turns within one
 * run; medians with order-statistic intervals of at least 95 % (fewer turns than six: all there are).
 * `npm run benchmark digest-join`, or `run` from a benchmark that has more parts.
 */
import { execFileSync } from 'node:child_process';
import { hash, randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { fileURLToPath } from 'node:url';
import hashtree from '@chainsafe/hashtree';
import type { ItemSet } from '../bench/contract.ts';
import { Digester } from '../impls/primitives/digest/digest.ts';
import { itemAt } from '../impls/primitives/items.ts';
import { join } from '../impls/primitives/join/join.ts';
import { sortRecords } from '../impls/primitives/packed/sort/sort.ts';
import { compare, inverse, median, scaled, show } from './ratio.ts';

const SIZE = 1 << 20;
const TURNS = 11;
/** Bytes of a tag at 2^20 × 2^20. */
const WIDTH = 10;
const CLI = fileURLToPath(new URL('../bench/cli.ts', import.meta.url));

type Print = (line: string) => void;

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) randomFillSync(bytes, at, Math.min(65536, length - at));
  return bytes;
}

/** Items as long as those of the data set `patients`: 33 to 50 bytes, most of them near 41. */
function patients(count: number): ItemSet {
  const dice = randomBytes(4 * count);
  const offsets = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) {
    const length =
      33 + (dice[4 * i]! % 6) + (dice[4 * i + 1]! % 6) + (dice[4 * i + 2]! % 6) + (dice[4 * i + 3]! % 3);
    offsets[i + 1] = offsets[i]! + length;
  }
  return { count, data: randomBytes(offsets[count]!), offsets };
}

/** Two sets of digests that share every other one, at places that have nothing to do with one another. */
function halfShared(count: number): readonly [Uint8Array, Uint8Array] {
  const receiver = randomBytes(count * WIDTH);
  const sender = randomBytes(count * WIDTH);
  for (let i = 0; i < count; i += 2) {
    // 7919 is odd: for a power of two every place comes once.
    sender.set(receiver.subarray(i * WIDTH, (i + 1) * WIDTH), ((i * 7919) % count) * WIDTH);
  }
  return [receiver, sender];
}

async function digests(print: Print): Promise<void> {
  const items = patients(SIZE);
  const digester = new Digester();
  const out = new Uint8Array(SIZE * 16);
  const kernel = () => digester.range(items, 0, SIZE, out);

  const share = 8;
  const perCall = () => {
    for (let i = 0; i < SIZE / share; i++) hash('sha256', itemAt(items, i), 'buffer');
  };
  const node = await compare(kernel, perCall, TURNS, share);
  print(`digest of 2^20 items like patients   ${show(scaled(node.ms[0], 1e3 / SIZE), 4)} µs per item`);
  print(`  crypto.hash per call               ${show(scaled(node.ms[1], 1e3 / SIZE), 4)} µs per item`);
  print(`  crypto.hash / kernel               ${show(inverse(node.ratio))} (target: at least 6)`);

  const blocks = new Uint8Array(SIZE * 64);
  for (let i = 0; i < SIZE; i++) blocks.set(itemAt(items, i), i * 64);
  const roots = new Uint8Array(SIZE * 32);
  const tree = await compare(kernel, () => hashtree.hashInto(blocks, roots), TURNS);
  print(
    `  hashtree, items in 64-byte blocks  ${show(scaled(tree.ms[1], 1e3 / SIZE), 4)} µs per item, packing not counted`,
  );
  print(`  kernel / hashtree                  ${show(tree.ratio)} (target: at most 2)`);
  // Exactly the same work: two compressions for each block of 64 bytes.
  const wide = new Digester({ width: 32 });
  const same = await compare(
    () => wide.records(blocks, 64, roots),
    () => hashtree.hashInto(blocks, roots),
    TURNS,
  );
  print(`  both on 64-byte records            ${show(same.ratio)} (no target)`);
  const points = blocks.subarray(0, SIZE * 32);
  const fixed = median(Array.from({ length: TURNS }, () => timed(() => digester.records(points, 32, out))));
  print(`digest of 2^20 records of 32 bytes   ${show(scaled(fixed, 1e3 / SIZE), 4)} µs per record`);
}

function timed(work: () => unknown): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

/** What one would write first: digests as strings in a Set. */
function joinBySet(receiver: Uint8Array, sender: Uint8Array): number {
  const name = (digests: Uint8Array, i: number) =>
    Buffer.from(digests.buffer, digests.byteOffset + i * WIDTH, WIDTH).toString('latin1');
  const known = new Set<string>();
  for (let i = 0; i < sender.length / WIDTH; i++) known.add(name(sender, i));
  let found = 0;
  for (let i = 0; i < receiver.length / WIDTH; i++) if (known.has(name(receiver, i))) found++;
  return found;
}

async function joins(print: Print): Promise<void> {
  const [receiver, sender] = halfShared(SIZE);
  const found = join(receiver, sender, WIDTH).length;
  if (found !== joinBySet(receiver, sender)) throw new Error('the join does not find what a Set finds');
  const set = await compare(
    () => join(receiver, sender, WIDTH),
    () => joinBySet(receiver, sender),
    5,
  );
  print(`join of 2^20 × 2^20 tags             ${show(set.ms[0], 1)} ms`);
  print(`  Set of strings                     ${show(set.ms[1], 1)} ms`);
  print(`  Set / kernel                       ${show(inverse(set.ratio), 1)} (target: at least 12)`);
  const sorted = median(
    Array.from({ length: TURNS }, () => {
      const copy = receiver.slice();
      return timed(() => sortRecords(copy, WIDTH));
    }),
  );
  print(`sort of 2^20 tags                    ${show(sorted, 1)} ms`);

  const small = halfShared(1 << 16);
  for (const exponent of [18, 20, 22]) {
    const large = halfShared(2 ** exponent);
    const times = 2 ** (exponent - 16);
    // As many small joins as there are small ones in a large one, up to a quarter of a second.
    const repeat = Math.min(times, 64);
    const growth = await compare(
      () => join(large[0], large[1], WIDTH),
      () => {
        for (let i = 0; i < repeat; i++) join(small[0], small[1], WIDTH);
      },
      7,
      times / repeat,
    );
    const target = exponent === 22 ? ' (target: at most 2.5)' : '';
    print(`join, cost per element 2^${exponent} / 2^16    ${show(growth.ratio)}${target}`);
  }
}

interface Summary {
  readonly machines: readonly {
    readonly results: readonly {
      readonly wallMs: { readonly median: number };
      readonly partyPeakBytes: Readonly<Record<string, number | null>>;
    }[];
  }[];
}

/** The protocol as `bench run` measures it, between two processes. */
function protocolRun(folder: string, size: string): Summary['machines'][number]['results'][number] {
  const flags = ['--impl', 'hash', '--dataset', 'patients', '--size', size, '--runs', '5', '--json'];
  const json = execFileSync(process.execPath, [CLI, 'run', ...flags, '--out', folder, '--reports', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 120_000,
    maxBuffer: 2 ** 24,
  });
  const result = (JSON.parse(json) as Summary).machines[0]?.results[0];
  if (!result) throw new Error('"bench run --impl hash" measured nothing: run it by hand to see why');
  return result;
}

function largest(peaks: Readonly<Record<string, number | null>>): number {
  return Math.max(...Object.values(peaks).map((bytes) => bytes ?? 0));
}

function protocol(print: Print): void {
  const items = patients(SIZE);
  const [receiver, sender] = halfShared(SIZE);
  const digester = new Digester({ width: WIDTH });
  const out = new Uint8Array(SIZE * WIDTH);
  const work = () => {
    digester.range(items, 0, SIZE, out);
    join(receiver, sender, WIDTH);
  };
  const folder = mkdtempSync(joinPath(tmpdir(), 'bench-kernels-'));
  try {
    const ratios: number[] = [];
    const walls: number[] = [];
    const peaks: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const before = Array.from({ length: 5 }, () => timed(work));
      const { wallMs, partyPeakBytes } = protocolRun(folder, '2^20');
      const after = Array.from({ length: 5 }, () => timed(work));
      ratios.push(wallMs.median / median([...before, ...after]).value);
      walls.push(wallMs.median);
      peaks.push(largest(partyPeakBytes));
    }
    const idle = largest(protocolRun(folder, '2^8').partyPeakBytes);
    const itemBytes = (items.data.length + items.offsets.byteLength) / SIZE;
    const beyond = peaks.map((peak) => (peak - idle) / SIZE - itemBytes);
    print(`hash, 2^20 × 2^20 patients           ${show(median(walls), 0)} ms of wall time`);
    print(`  over one digest pass and one join  ${show(median(ratios))} (target: at most 1.6)`);
    print(`  peak memory of the larger process  ${show(scaled(median(peaks), 2 ** -20), 0)} MiB`);
    print(
      `  beyond items, over a run of 2^8    ${show(median(beyond), 0)} bytes per item (target: at most 200)`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints all figures, a line each; a minute to a minute and a half. */
export async function run(print: Print): Promise<void> {
  await digests(print);
  await joins(print);
  protocol(print);
}

if (import.meta.main) await run(console.log);
