/**
 * The protocol at four sizes: `npm run benchmark seal`. Both parties play in one process of one thread, so that
 * wall time is the work of both, nothing waits, and it can be set against the sum of the primitives' costs,
 * which the same process measures before and after. Memory is that of both, with their messages.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runInMemory } from '../bench/conformance/index.ts';
import type { Implementation, ItemSet, Party, Phase } from '../bench/contract.ts';
import { createEngine, engineAvailable, POINT_BYTES } from '../impls/primitives/curve/engine.ts';
import { packItems } from '../impls/primitives/items.ts';
import { choosePlan, primitiveCounts } from '../impls/seal/chooser.ts';
import seal from '../impls/seal/index.ts';
import { measurePrimitives } from '../impls/seal/measure.ts';
import type { PrimitiveCosts } from '../impls/seal/parameters.ts';
import { dropReused } from '../impls/seal/reuse.ts';
import { heapBytes } from '../impls/seal/runtime.ts';

const SIZES = [
  { sender: 2 ** 14, receiver: 2 ** 10 },
  { sender: 2 ** 16, receiver: 2 ** 10 },
  { sender: 2 ** 20, receiver: 1 },
  { sender: 2 ** 20, receiver: 4096 },
] as const;

/** Microsoft's APSI 0.12, native, 2^20 × 5,535, when libsodium's X25519 took 60 µs on the same core. */
const APSI = { onlineMs: 7540, bytes: 5.52e6, x25519Us: 60 } as const;
/** Queries per size, of which the one with the median online time is shown. */
const RUNS = 5;
const MB = 1e6;
const MIB = 2 ** 20;

type Times = Record<Phase, { ms: number; cpuMs: number }>;

/** The implementation with a clock on its phases: from the first party's start to the last one's end. */
function clocked(times: Times): Implementation {
  const wrap = <R>(party: Party<R>): Party<R> => {
    const timed = async <T>(phase: Phase, work: () => Promise<T>): Promise<T> => {
      const start = performance.now();
      const cpu = process.cpuUsage();
      try {
        return await work();
      } finally {
        const { user, system } = process.cpuUsage(cpu);
        times[phase].ms = Math.max(times[phase].ms, performance.now() - start);
        times[phase].cpuMs = Math.max(times[phase].cpuMs, (user + system) / 1000);
      }
    };
    return {
      setup: () => timed('setup', async () => party.setup?.()),
      prepare: (items) => timed('prepare', async () => party.prepare?.(items)),
      online: (items) => timed('online', () => party.online(items)),
      close: () => party.close?.(),
    };
  };
  const whole: Implementation = seal;
  return {
    ...whole,
    receiver: (session) => wrap(whole.receiver(session)),
    sender: (session) => wrap(whole.sender(session)),
  };
}

function numbered(from: number, count: number): ItemSet {
  return packItems(
    Array.from({ length: count }, (_, i) => `patient ${(from + i).toString().padStart(9, '0')}`),
  );
}

/** What the primitives that a run calls online would take alone, in ms. */
function primitivesMs(plan: ReturnType<typeof choosePlan>, costs: PrimitiveCosts): number {
  const { encode: _, ...online } = primitiveCounts(plan);
  return Object.entries(online).reduce(
    (sum, [name, count]) => sum + count * costs[name as keyof PrimitiveCosts],
    0,
  );
}

/** µs of one multiplication of the OPRF's engine, over a batch. */
function multiplicationUs(name: 'wasm' | 'sodium'): number {
  const engine = createEngine(name);
  const points = new Uint8Array(engine.batch * POINT_BYTES);
  engine.hash(numbered(0, engine.batch), points);
  const random = { bytes: (n: number) => crypto.getRandomValues(new Uint8Array(n)), fill: <T>(x: T) => x };
  const scalar = engine.scalar(random);
  const samples = Array.from({ length: 7 }, () => {
    const start = performance.now();
    engine.multiply(scalar, points, points);
    return ((performance.now() - start) * 1000) / engine.batch;
  });
  return samples.sort((a, b) => a - b)[3]!;
}

export interface Row {
  readonly set: string;
  readonly times: Times;
  readonly bytes: number;
  readonly onlineBytes: number;
  readonly primitivesMs: number;
  readonly oprfMs: number;
  readonly peakBytes: number;
  readonly heapBytes: number;
}

/** One size, after a small run that loads and compiles everything. */
async function measure(sizes: { readonly sender: number; readonly receiver: number }): Promise<Row> {
  await runInMemory(seal, { receiver: numbered(0, 600), sender: numbered(300, 5000) });
  const plan = choosePlan(sizes);
  const before = await measurePrimitives(plan.set, { alone: true });
  const usBefore = multiplicationUs('wasm');
  const shared = Math.ceil(sizes.receiver / 2);
  const sets = {
    receiver: numbered(0, sizes.receiver),
    sender: numbered(sizes.receiver - shared, sizes.sender),
  };
  // With the preparations of the first run, so that queries can be repeated: one alone is at the mercy of
  // what else the machine does, and the first ones run code that is not yet compiled to the end.
  const runs: { times: Times; counts: Awaited<ReturnType<typeof runInMemory>>['counts'] }[] = [];
  for (let i = 0; i < RUNS; i++) {
    const times: Times = {
      setup: { ms: 0, cpuMs: 0 },
      prepare: { ms: 0, cpuMs: 0 },
      online: { ms: 0, cpuMs: 0 },
    };
    const mesh = { keepBytes: false };
    const input = { ...sets, mesh, options: { reuse: true }, limitMs: 900_000 };
    const { result, counts } = await runInMemory(clocked(times), input);
    if (result.length !== shared) throw new Error(`${result.length} items were found, ${shared} are shared`);
    runs.push({ times, counts });
  }
  const { prepare } = runs[0]!.times;
  runs.sort((x, y) => x.times.online.ms - y.times.online.ms);
  const { times, counts } = runs[runs.length >> 1]!;
  dropReused();
  const after = await measurePrimitives(plan.set, { alone: true });
  const us = (usBefore + multiplicationUs('wasm')) / 2;
  const sum = (phase?: Phase) =>
    counts.reduce((bytes, count) => bytes + (!phase || count.phase === phase ? count.bytes : 0), 0);
  return {
    set: `${plan.set.id}: ${plan.parts} part(s) of ${plan.bundles} bundles, degree ${plan.degree}, ${plan.sent.length} powers sent`,
    times: { ...times, prepare },
    bytes: sum(),
    onlineBytes: sum('online'),
    primitivesMs: (primitivesMs(plan, before) + primitivesMs(plan, after)) / 2,
    oprfMs: (2 * sizes.receiver * us) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    heapBytes: heapBytes(),
  };
}

async function measureApart(index: number): Promise<Row> {
  const child = fork(fileURLToPath(import.meta.url), [String(index)]);
  const [[row], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  if (code !== 0) throw new Error(`the process that measures ended with code ${code}`);
  return row as Row;
}

/** Prints one line at a time; about a minute. */
export async function run(print: (line: string) => void): Promise<void> {
  const hasSodium = engineAvailable('sodium') === true;
  for (const [index, sizes] of SIZES.entries()) {
    const yardstick = hasSodium ? multiplicationUs('sodium') : undefined;
    const { set, times, bytes, onlineBytes, ...row } = await measureApart(index);
    const { setup, prepare, online } = times;
    print(`sender ${sizes.sender}, receiver ${sizes.receiver} (${set}):`);
    print(
      `  online ${online.ms.toFixed(0)} ms (CPU ${online.cpuMs.toFixed(0)} ms), prepare ${(prepare.ms / 1000).toFixed(2)} s (CPU ${(prepare.cpuMs / 1000).toFixed(2)} s), setup ${setup.ms.toFixed(0)} ms; both parties on one thread`,
    );
    print(
      `  ${(bytes / MB).toFixed(2)} MB on the wire, ${(onlineBytes / MB).toFixed(2)} of them online; ${(row.peakBytes / MIB).toFixed(0)} MiB at most, both parties in one process, of them SEAL's memory ${(row.heapBytes / MIB).toFixed(0)} MiB`,
    );
    const alone = row.primitivesMs + row.oprfMs;
    print(
      `  SEAL's primitives alone, online: ${row.primitivesMs.toFixed(0)} ms, the OPRF's multiplications: ${row.oprfMs.toFixed(0)} ms; online ÷ SEAL's primitives ${(online.ms / row.primitivesMs).toFixed(2)}, ÷ both ${(online.ms / alone).toFixed(2)} (target: at most 1.3)`,
    );
    if (index < SIZES.length - 1) continue;
    if (yardstick === undefined) print('  not compared with APSI: the yardstick needs sodium-native');
    else {
      const scaled = (APSI.onlineMs * yardstick) / APSI.x25519Us;
      print(
        `  X25519 by libsodium ${yardstick.toFixed(0)} µs; APSI's query (2^20 × 5,535) scaled by it ${(scaled / 1000).toFixed(2)} s: online ÷ that ${(online.ms / scaled).toFixed(2)} (target: at most 3); bytes ÷ APSI's ${(bytes / APSI.bytes).toFixed(2)} (target: at most 1.5)`,
      );
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const index = Number(process.argv[2] ?? Number.NaN);
  if (process.send && SIZES[index]) process.send(await measure(SIZES[index]));
  else await run(console.log);
}
