/**
 * The protocol as a whole: `npm run benchmark ecdh`. Against `openmined`, the ECDH-PSI in WebAssembly
 * that is on npm, in CPU time of both parties; and memory per item.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runInMemory } from '../bench/conformance/index.ts';
import type { Implementation, ItemSet } from '../bench/contract.ts';
import ecdh from '../impls/ecdh/index.ts';
import openmined from '../impls/openmined/index.ts';
import { median, show } from './ratio.ts';

const OWN_SIZE = 2 ** 16;
const THEIR_SIZES = [2 ** 10, 2 ** 12] as const;
const ROUNDS = 3;
const MIB = 2 ** 20;
const LIMIT_MS = 600_000;

const name = (i: number) => `patient number ${i.toString().padStart(9, '0')}`;

/** `count` items of 24 bytes, packed with no object per item; sets that begin half a set apart share half their items. */
function items(from: number, count: number): ItemSet {
  const width = name(0).length;
  const data = new Uint8Array(count * width);
  const encoder = new TextEncoder();
  for (let i = 0; i < count; i++) encoder.encodeInto(name(from + i), data.subarray(i * width));
  return { count, data, offsets: Uint32Array.from({ length: count + 1 }, (_, i) => i * width) };
}

/** CPU time that `work` takes in this process, all threads, in ms. */
async function cpu(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** CPU time of both parties of `implementation`, in ms. */
async function cpuOf(implementation: Implementation, size: number): Promise<number> {
  const [receiver, sender] = [items(0, size), items(size / 2, size)];
  let found = 0;
  const ms = await cpu(async () => {
    const run = { receiver, sender, mesh: { keepBytes: false }, limitMs: LIMIT_MS };
    found = (await runInMemory(implementation, run)).result.length;
  });
  if (found !== size / 2) throw new Error(`${implementation.id} found ${found} of ${size / 2}`);
  return ms;
}

const list = (values: readonly number[], digits: number) => show(median(values), digits);

/** Peak resident memory in bytes of a fresh process that plays both parties, without keeping the wire. */
async function peakBytes(size: number): Promise<number> {
  const child = fork(fileURLToPath(import.meta.url), ['peak', String(size)]);
  const [[peak], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  if (code !== 0) throw new Error(`the process that measures memory ended with code ${code}`);
  return peak as number;
}

/**
 * Prints one line at a time; about a minute.
 * @param memorySizes two set sizes: memory per item is the slope between them, which leaves out what a
 *   process needs for itself.
 */
export async function run(
  print: (line: string) => void,
  memorySizes: readonly [number, number] = [2 ** 15, 2 ** 17],
): Promise<void> {
  await cpuOf(ecdh, 2 ** 10);
  await cpuOf(openmined, 2 ** 6);
  const own: number[] = [];
  const extrapolated: number[] = [];
  const perSize: number[][] = THEIR_SIZES.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    const [small, large] = THEIR_SIZES;
    const times: number[] = [];
    for (const size of THEIR_SIZES) times.push(await cpuOf(openmined, size));
    own.push(await cpuOf(ecdh, OWN_SIZE));
    times.forEach((ms, i) => {
      perSize[i]!.push(ms);
    });
    const slope = (times[1]! - times[0]!) / (large - small);
    extrapolated.push(times[1]! + slope * (OWN_SIZE - large));
  }
  print(`CPU time of both parties, n × n items, median (least … most) of ${ROUNDS} rounds in turns:`);
  THEIR_SIZES.forEach((size, i) => {
    print(`  @openmined/psi.js, ${size}: ${list(perSize[i]!, 0)} ms`);
  });
  print(
    `  @openmined/psi.js, ${OWN_SIZE}, extrapolated along the line through these: ${list(extrapolated, 0)} ms`,
  );
  print(`  ecdh, ${OWN_SIZE}: ${list(own, 0)} ms`);
  const ratios = extrapolated.map((ms, i) => ms / own[i]!);
  print(`  psi.js ÷ ecdh at ${OWN_SIZE}: ${list(ratios, 1)} (target: at least 20)`);

  const [low, high] = memorySizes;
  const [less, more] = [await peakBytes(low), await peakBytes(high)];
  const perItem = (more - less) / (2 * (high - low)) - name(0).length - Uint32Array.BYTES_PER_ELEMENT;
  print(
    `memory, from ${low} (${(less / MIB).toFixed(0)} MiB, both parties in one process) to ${high} ` +
      `(${(more / MIB).toFixed(0)} MiB): ${perItem.toFixed(0)} B per item and party beyond the items (target: at most 300)`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'peak') {
    await cpuOf(ecdh, Number(process.argv[3]));
    process.send!(process.resourceUsage().maxRSS * 1024);
  } else await run(console.log, process.argv.includes('--full') ? [2 ** 16, 2 ** 20] : undefined);
}
