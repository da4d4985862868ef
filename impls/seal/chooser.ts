/** Which parameter set to use: the one that is predicted to be fastest, by counts times measured costs. */
import type { Estimate } from '../../bench/contract.ts';
import { type EngineName, POINT_BYTES } from '../primitives/curve/engine.ts';
import { type ParameterSet, parameterSet, parameterSets } from './parameters.ts';
import { FALSE_POSITIVE_LOG2, type Plan, planFor, type Sizes } from './plan.ts';

/** µs on one core: the OPRF's hashing with multiplication, and one more multiplication. */
const OPRF_US = { wasm: [20, 18], sodium: [60, 55], noble: [3000, 1900] } as const;
/** Bytes of SEAL's memory that plaintexts may take: below the 4 GiB of WebAssembly, with room for the rest. */
const MEMORY_LIMIT = 3 * 2 ** 30;
/** What bytes are taken to cost, the network not being known: 100 Mbit/s, where this protocol is at home. */
const MS_PER_BYTE = 8e-5;

/** Counts of what a run does, and what is predicted from them. */
export interface Prediction {
  readonly onlineMs: number;
  readonly prepareMs: number;
  readonly bytes: number;
  /** Of the sender, the larger party. */
  readonly peakBytes: number;
}

/** How often a plan calls each primitive. */
export function primitiveCounts({ set, parts, bundles, degree, sent, products }: Plan) {
  const answers = parts * bundles;
  const high = set.lowDegree === 0 ? 0 : Math.floor(degree / (set.lowDegree + 1));
  // Groups of low powers that are multiplied by a high one; the last may have none.
  const groups = set.lowDegree === 0 ? 0 : high - (degree % (set.lowDegree + 1) === 0 ? 1 : 0);
  return {
    encrypt: parts * sent.length,
    load: parts * sent.length,
    lower: parts * sent.length,
    power: parts * products.length,
    multiplyPlain: answers * degree,
    multiply: answers * groups,
    finish: answers,
    decrypt: answers,
    encode: answers * (degree + 1),
  };
}

export function predict(plan: Plan, engine: EngineName = 'wasm'): Prediction {
  const { set, sizes, parts, bundles, degree } = plan;
  const counts = primitiveCounts(plan);
  const cost = set.costMs;
  const [first, again] = OPRF_US[engine];
  const online: (keyof typeof counts)[] = [
    'encrypt',
    'load',
    'lower',
    'power',
    'multiplyPlain',
    'multiply',
    'finish',
    'decrypt',
  ];
  const oprfOnline = (sizes.receiver * 2 * again) / 1000;
  const onlineMs = online.reduce((sum, name) => sum + counts[name] * cost[name], oprfOnline + 5);
  const N = set.polyModulusDegree;
  const interpolation = (parts * bundles * N * degree * degree * cost.interpolateNs) / 2 / 1e6;
  const prepareMs =
    (Math.max(sizes.sender, sizes.receiver) * first) / 1000 +
    sizes.sender * 0.002 +
    counts.encode * cost.encode +
    interpolation;
  return {
    onlineMs,
    prepareMs,
    bytes:
      sizes.receiver * 2 * POINT_BYTES + counts.encrypt * queryBytes(set) + counts.finish * answerBytes(set),
    peakBytes:
      150e6 + sizes.sender * 160 + counts.encode * plainBytes(set) + parts * 12 * 2 * queryBytes(set),
  };
}

const bits = (prime: string) => BigInt(prime).toString(2).length;

function queryBytes({ coeffModulus, polyModulusDegree }: ParameterSet): number {
  const data = coeffModulus.length === 1 ? coeffModulus : coeffModulus.slice(0, -1);
  return (data.reduce((sum, prime) => sum + bits(prime), 0) * polyModulusDegree) / 8;
}

function answerBytes({ coeffModulus, polyModulusDegree }: ParameterSet): number {
  return (2 * bits(coeffModulus[0]!) * polyModulusDegree) / 8;
}

/** Bytes of an encoded coefficient in SEAL's memory. */
function plainBytes({ coeffModulus, polyModulusDegree, dropBeforeEvaluation }: ParameterSet): number {
  const data = Math.max(1, coeffModulus.length - 1) - dropBeforeEvaluation;
  return data * polyModulusDegree * 8;
}

/** Largest sets that were tried: what lies beyond is refused. */
export const LIMITS = { receiver: 2 ** 16, sender: 2 ** 20 } as const;

interface Choice {
  readonly plan: Plan;
  readonly prediction: Prediction;
}

const choices = new Map<string, Choice | undefined>();

/** The plan that is predicted to be fastest, whatever memory it takes; `undefined` when there is none. */
function fastest(sizes: Sizes, id: string, engine: EngineName, memoryLimit: number): Choice | undefined {
  const key = `${sizes.receiver} ${sizes.sender} ${id} ${engine} ${memoryLimit}`;
  if (choices.has(key)) return choices.get(key);
  let best: (Choice & { readonly ms: number }) | undefined;
  for (const set of id === 'auto' ? parameterSets() : [parameterSet(id)]) {
    const least = planFor(set, sizes);
    if (!least) continue;
    // More bundles than needed, of lower degree, may need fewer powers.
    const plans = [least, ...[1, 2, 4].map((more) => planFor(set, sizes, least.bundles + more))];
    for (const plan of plans) {
      if (!plan) continue;
      const prediction = predict(plan, engine);
      const { onlineMs, prepareMs, bytes, peakBytes } = prediction;
      // Preparing is done once, and may be kept: it counts little.
      const ms = onlineMs + bytes * MS_PER_BYTE + 0.01 * prepareMs;
      if (peakBytes <= memoryLimit && (!best || ms < best.ms)) best = { plan, prediction, ms };
    }
  }
  choices.set(key, best);
  return best;
}

/**
 * The best plan for these sizes (both at least 1), with the set called `id` or any.
 * @throws Error that says why nothing fits, with an estimate where there is one.
 */
export function choosePlan(sizes: Sizes, id: string = 'auto', engine: EngineName = 'wasm'): Plan {
  const what = `${sizes.receiver} items of the receiver and ${sizes.sender} of the sender`;
  if (sizes.receiver > LIMITS.receiver || sizes.sender > LIMITS.sender) {
    const { wallMs } = estimateRun(sizes, id, engine);
    throw new Error(
      `${what} are more than ${LIMITS.receiver} and ${LIMITS.sender}: a run would take about ${Math.ceil(wallMs / 1000)} s, if the memory sufficed`,
    );
  }
  const best = fastest(sizes, id, engine, MEMORY_LIMIT);
  if (best) return best.plan;
  const which = id === 'auto' ? 'no parameter set fits' : `parameter set "${id}" does not fit`;
  const unlimited = fastest(sizes, id, engine, Number.POSITIVE_INFINITY);
  const why = unlimited
    ? `the sender would need ${(unlimited.prediction.peakBytes / 2 ** 30).toFixed(1)} GiB, and ${MEMORY_LIMIT / 2 ** 30} GiB is the most`
    : `more than 2^${FALSE_POSITIVE_LOG2} of the runs would find an item that is not shared; choose "auto"`;
  throw new Error(`${which} ${what}: ${why}`);
}

/**
 * For the harness: what a run takes with the best plan. Beyond the limits, and where nothing fits, in
 * proportion to the nearest sizes that do: more than such a run, and so a reason to skip it.
 */
export function estimateRun(sizes: Sizes, id: string, engine: EngineName): Estimate {
  if (sizes.receiver === 0 || sizes.sender === 0) return { wallMs: 5, peakBytes: 100e6 };
  const near = {
    receiver: Math.min(sizes.receiver, LIMITS.receiver),
    sender: Math.min(sizes.sender, LIMITS.sender),
  };
  const beyond = Math.max(sizes.receiver / near.receiver, sizes.sender / near.sender);
  const best =
    fastest(near, id, engine, Number.POSITIVE_INFINITY) ??
    fastest(near, 'auto', engine, Number.POSITIVE_INFINITY)!;
  const { onlineMs, prepareMs, peakBytes } = best.prediction;
  return { wallMs: Math.ceil(beyond * (20 + prepareMs + onlineMs)), peakBytes: beyond * peakBytes };
}
