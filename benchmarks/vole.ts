/**
 * The kernels of vector OLE, in ns per element, each in turns with the floor of memory: an exclusive or of as many
 * blocks. `npm run benchmark vole [rows]`, or `run` from a benchmark that has more parts.
 */
import { randomFillSync } from 'node:crypto';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { Aes, CounterStream, xorBlocks } from '../impls/primitives/aes/aes.ts';
import { ExpandConvolute } from '../impls/primitives/expand-convolute/expand-convolute.ts';
import { FixedFactor, packRows } from '../impls/primitives/gf128/gf128.ts';
import { Gardener } from '../impls/primitives/ggm/ggm.ts';
import { voleShape } from '../impls/primitives/vole/shape.ts';
import { WorkingMemory } from '../impls/primitives/working-memory/working-memory.ts';
import { interleave, median } from './ratio.ts';

/** Columns of the sparse store at 2^20 items. */
const COLUMNS = 1_421_000;
const WEIGHT = 248;
const ROUNDS = 7;

type Print = (line: string) => void;

/** Prints a line per kernel. */
export async function run(print: Print, columns = COLUMNS): Promise<void> {
  const memory = new WorkingMemory();
  const shape = voleShape(columns, WEIGHT);
  const { trees, leaves, depth } = shape.forest;
  const rows = shape.rows;
  const code = new ExpandConvolute(memory, rows);
  const whole = new ExpandConvolute(memory, rows, false);
  const vector = memory.allocate(code.bytes);
  const second = vector + rows * 16;
  fill(memory, vector, code.bytes);
  const aes = new Aes(memory, new Uint8Array(16).fill(1));
  const stream = new CounterStream(memory, new Uint8Array(16).fill(2));
  const factor = new FixedFactor(memory, vector);
  const gardener = new Gardener(memory, shape.forest, new Uint8Array(16).fill(3), new Uint8Array(16).fill(4));
  const roots = memory.allocate(trees * 16);
  const sums = memory.allocate(trees * depth * 32);

  const works: readonly (readonly [string, number, () => void])[] = [
    ['floor: exclusive or', rows, () => xorBlocks(memory, vector, second, vector, rows)],
    ['AES-ECB', rows, () => aes.encrypt(vector, vector, rows)],
    ['MMO hash', rows, () => aes.mmo(vector, vector, rows)],
    ['CTR stream', rows, () => stream.next(vector, rows * 16)],
    ['times a fixed factor, plus', rows, () => factor.multiplyAdd(vector, second, vector, rows)],
    ['128 rows into one', rows, () => packRows(memory, second, vector, Math.floor(rows / 128))],
    ['trees, per leaf', trees * leaves, () => gardener.grow(roots, vector, sums)],
    ['code: both accumulations', rows, () => code.accumulate(vector)],
    ['code: seven picks, as built', rows, () => code.expand(vector, 0, rows)],
    ['code: seven picks, all at once', rows, () => whole.expand(vector, 0, rows)],
  ];
  const times = await interleave(
    works.map(([, units, work]) => ({ units, run: work })),
    ROUNDS,
    2,
  );
  print(
    `${rows} rows (${((rows * 16) / 1e6).toFixed(1)} MB), ${trees} trees of ${leaves} leaves; medians and least of ${ROUNDS}`,
  );
  works.forEach(([name], i) => {
    const own = (times[i] ?? []).map((ms) => ms * 1e6);
    print(
      `  ${name.padEnd(32)} ${median(own).value.toFixed(2).padStart(7)} ns (least ${Math.min(...own).toFixed(2)})`,
    );
  });
}

function fill(memory: WorkingMemory, address: number, length: number): void {
  for (let at = 0; at < length; at += 65_536) {
    randomFillSync(memory.bytes(address + at, Math.min(65_536, length - at)));
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const rows = Number(argv[2] ?? COLUMNS);
  if (!Number.isInteger(rows) || rows < 1000 || rows > 2 ** 25) {
    process.stderr.write(`benchmark vole: the number of rows must be 1000 to 2^25, got ${argv[2]}\n`);
    process.exit(2);
  }
  await run(console.log, rows);
}
