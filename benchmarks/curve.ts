/**
 * The curve engines against each other, interleaved in one run: `npm run benchmark curve`.
 * Every round runs each contender once, in random order; a figure is the median over the rounds, in brackets
 * the order-statistic 95 % interval. Ratios are taken within rounds, so a machine that slows down slows both sides.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createEngine, type Engine, engineAvailable, POINT_BYTES } from '../impls/primitives/curve/engine.ts';
import { Team } from '../impls/primitives/curve/team.ts';
import { WasmEngine } from '../impls/primitives/curve/wasm.ts';
import { Digester } from '../impls/primitives/digest/digest.ts';
import { packItems } from '../impls/primitives/items.ts';
import { join } from '../impls/primitives/join/join.ts';
import { interleave, median, show, type Work } from './ratio.ts';

const ROUNDS = 41;
const TAG_BYTES = 10;
const random = { bytes: (n: number) => new Uint8Array(randomBytes(n)), fill: () => fail() };

function fail(): never {
  throw new Error('engines draw with bytes()');
}

interface Contender {
  readonly name: string;
  readonly engine: Engine;
  /** Points per round: so many that the clock's grain and the call do not matter, so few that a round is short. */
  readonly points: number;
}

const format = (values: readonly number[], digits: number) => show(median(values), digits);

/** Rounds that warm up: the engine of WebAssembly compiles anew what runs often. */
const WARM_UP = 3;

/** µs per unit, a list per work. */
async function interleaveUs(works: readonly Work[], rounds: number): Promise<number[][]> {
  return (await interleave(works, rounds, WARM_UP)).map((times) => times.map((ms) => ms * 1000));
}

const ratios = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value / b[i]!);

function randomPoints(count: number): Uint8Array {
  const points = new Uint8Array(randomBytes(count * POINT_BYTES));
  for (let i = 0; i < count; i++) points[i * POINT_BYTES + 31]! &= 0x7f;
  return points;
}

/** Points that the engine takes, whatever its group: hashes of items. */
function someItems(count: number) {
  return packItems(Array.from({ length: count }, () => randomBytes(16)));
}

/** @param print takes one line of output at a time. */
export async function run(print: (line: string) => void): Promise<void> {
  const wasm: Contender = { name: 'wasm', engine: createEngine('wasm'), points: 512 };
  const contenders: Contender[] = [
    wasm,
    { name: 'wasm, unfused', engine: new WasmEngine({ fused: false }), points: 128 },
    { name: 'noble ristretto255', engine: createEngine('noble'), points: 4 },
  ];
  const sodium = engineAvailable('sodium');
  if (sodium === true)
    contenders.push({ name: 'sodium X25519', engine: createEngine('sodium'), points: 256 });
  else print(`sodium left out: ${sodium}`);

  const multiplications = await interleaveUs(
    contenders.map(({ engine, points }) => {
      const scalar = engine.scalar(random);
      const given = new Uint8Array(points * POINT_BYTES);
      if (engine.group === 'curve25519') given.set(randomPoints(points));
      else engine.hash(someItems(points), given);
      const out = new Uint8Array(given.length);
      return { units: points, run: () => engine.multiply(scalar, given, out) };
    }),
    ROUNDS,
  );
  table(print, 'one multiplication (decode, multiply, encode)', contenders, multiplications);

  const ends = await interleaveUs(
    contenders.map(({ engine, points }) => {
      const [a, b] = [engine.scalar(random), engine.scalar(random)];
      const items = someItems(points);
      const masked = new Uint8Array(points * POINT_BYTES);
      const twice = new Uint8Array(points * POINT_BYTES);
      const digester = new Digester({ width: TAG_BYTES });
      return {
        units: points,
        run() {
          engine.hash(items, masked);
          engine.multiply(a, masked, masked);
          engine.multiply(b, masked, twice);
          const tags = digester.records(twice, POINT_BYTES);
          if (join(tags, tags, TAG_BYTES).length !== points) throw new Error('a tag is not found');
        },
      };
    }),
    ROUNDS,
  );
  table(
    print,
    'end to end, per item of one party (hash, multiply, encode; decode, multiply, tag, compare)',
    contenders,
    ends,
  );

  const items = someItems(512);
  const out = new Uint8Array(512 * POINT_BYTES);
  const [hashing] = await interleaveUs([{ units: 512, run: () => wasm.engine.hash(items, out) }], ROUNDS);
  print(`wasm, hashing one item of 16 bytes to the curve: ${format(hashing!, 2)} µs`);

  const count = 4096;
  const points = randomPoints(count);
  const scalar = wasm.engine.scalar(random);
  const teams = [await Team.start('wasm', 1), await Team.start('wasm', 2)];
  const results = new Uint8Array(points.length);
  const [one, two] = await interleaveUs(
    teams.map((team) => ({ units: count, run: () => team.multiply(scalar, points, results) })),
    15,
  );
  for (const team of teams) await team.close();
  print(`threads: 2 against 1, ${count} points: ${format(ratios(one!, two!), 2)} × as fast (at best 2)`);
}

function table(
  print: (line: string) => void,
  title: string,
  contenders: readonly Contender[],
  times: number[][],
) {
  print(`${title}:`);
  contenders.forEach(({ name }, i) => {
    print(`  ${name.padEnd(20)} ${format(times[i]!, 1)} µs`);
  });
  const targets: Record<string, string> = {
    'sodium X25519': 'target: at most 1.0, stretch 0.6',
    'noble ristretto255': 'target: at most 0.033, 30 × as fast',
    'wasm, unfused': 'no target',
  };
  contenders.forEach(({ name }, i) => {
    if (i > 0) print(`  wasm ÷ ${name}: ${format(ratios(times[0]!, times[i]!), 4)} (${targets[name]})`);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(console.log);
