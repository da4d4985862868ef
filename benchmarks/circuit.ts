/**
 * `npm run benchmark circuit`: circuits between two processes, `gc` and `circuit`, for the intersection and for its
 * size, with the enclave's size beside them, and what a gate costs by itself. Arguments: `gc=8,10,12`,
 * `circuit=10,12,16` (sizes as exponents; 20 takes 4 GB), `sets=3`, `warm=3`.
 */
import { fileURLToPath } from 'node:url';
import type { Output } from '../bench/contract.ts';
import { enclave } from '../impls/enclave/index.ts';
import { CircuitBuilder } from '../impls/primitives/circuits/builder.ts';
import type { Program } from '../impls/primitives/circuits/program.ts';
import { Evaluator } from '../impls/primitives/garbling/evaluator.ts';
import { Garbler } from '../impls/primitives/garbling/garbler.ts';
import { Labels, streamBytes } from '../impls/primitives/garbling/layout.ts';
import { Incoming, Outgoing } from '../impls/primitives/garbling/stream.ts';
import { WorkingMemory } from '../impls/primitives/working-memory/working-memory.ts';
import { measure, print, type Subject, yardsticks } from './protocol.ts';

const args = process.argv.slice(2);
const given = (name: string) => args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
const exponents = (name: string, fallback: readonly number[]) =>
  given(name)?.split(',').filter(Boolean).map(Number) ?? fallback;
const effort = { sets: Number(given('sets') ?? 3), warm: Number(given('warm') ?? 3) };

/** Native volePSI's circuit PSI, loopback, one thread, ms, on a machine whose X25519 takes 30 µs. */
const NATIVE: Readonly<Record<number, number>> = { 8: 60, 10: 78, 12: 150, 16: 1570, 20: 26_500 };

const module = (name: string) => fileURLToPath(new URL(`../impls/${name}/index.ts`, import.meta.url));
/** The enclave's options, all at their defaults. */
const DEFAULTS = Object.fromEntries(
  Object.entries(enclave.options).map(([name, option]) => [name, option.default]),
);
const OUTPUTS: readonly Output[] = [{ kind: 'intersection' }, { kind: 'cardinality' }];

/** A chain of AND gates on vectors of `lanes` wires. */
function chain(lanes: number, gates: number): Program {
  const c = new CircuitBuilder();
  const [a, b] = [c.input('evaluator', lanes), c.input('evaluator', lanes)];
  let wires = a;
  for (let done = 0; done < gates; done += lanes) wires = c.and(wires, b);
  c.output(c.slice(wires, 0, 1));
  return c.build();
}

/** The least of five runs, in ns a gate: garbling into nothing, and evaluating what comes from nowhere. */
async function gates(lanes: number): Promise<{ garble: number; evaluate: number }> {
  const program = chain(lanes, 2 ** 20);
  const least = { garble: Number.POSITIVE_INFINITY, evaluate: Number.POSITIVE_INFINITY };
  const time = async (side: 'garble' | 'evaluate', work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    least[side] = Math.min(least[side], ((performance.now() - start) * 1e6) / program.counts.ands);
  };
  for (let turn = 0; turn < 5; turn++) {
    const memory = new WorkingMemory();
    const labels = new Labels(memory, program);
    const out = new Outgoing(memory, { send: async () => {} });
    const bits = { bits: new Uint8Array(0), secrets: new Uint8Array(0) };
    const random = {
      gamma: new Uint8Array(16).fill(7),
      labelKey: new Uint8Array(16),
      hashSeed: new Uint8Array(16),
    };
    const garbler = new Garbler(memory, program, labels, out, bits, random);
    await time('garble', () => garbler.run());

    const mine = new WorkingMemory();
    const message = new Uint8Array(2 ** 19);
    const channel = {
      send: async () => {},
      receive: async (length = 0) => message.subarray(0, length),
      openFlight: () => ({ send: async () => {} }),
    };
    const incoming = new Incoming(mine, channel, streamBytes(program.counts), 'nothing');
    const evaluator = new Evaluator(mine, program, new Labels(mine, program), incoming);
    // Of zeros comes no label that an output can have: it says so at the very end.
    await time('evaluate', () => evaluator.run().catch(() => {}));
  }
  return least;
}

async function protocol(subject: Subject, exponent: number): Promise<void> {
  const size = 2 ** exponent;
  const { x25519Us, text } = yardsticks();
  const measured = await measure(subject, { receiver: size, sender: size }, effort);
  console.log(`\n${subject.id}, ${subject.output?.kind}`);
  print(measured, console.log);
  console.log(`  ${text}`);
  const native = NATIVE[exponent];
  if (subject.id === 'circuit' && native) {
    const ratios = measured.oneShot.map(({ wallMs }) => (wallMs / native).toFixed(2));
    console.log(
      `  one-shot ÷ native circuit PSI of volePSI, ${native} ms where X25519 took 30 µs (here ${x25519Us.toFixed(0)}): ${ratios.join(', ')}`,
    );
  }
}

for (const lanes of [256, 4096, 65_536]) {
  const { garble, evaluate } = await gates(lanes);
  const rate = (ns: number) => `${ns.toFixed(1)} ns (${(1000 / ns).toFixed(1)} M a second)`;
  console.log(
    `an AND gate in vectors of ${lanes}: garbled in ${rate(garble)}, evaluated in ${rate(evaluate)}`,
  );
}
for (const exponent of exponents('gc', [8, 10, 12])) {
  for (const output of OUTPUTS)
    await protocol({ module: module('gc'), id: 'gc', options: { ot: 'iknp' }, output }, exponent);
}
for (const exponent of exponents('circuit', [10, 12, 16])) {
  for (const output of OUTPUTS) {
    await protocol({ module: module('circuit'), id: 'circuit', options: { ot: 'iknp' }, output }, exponent);
  }
  const subject = {
    module: module('enclave'),
    id: 'enclave',
    helper: true,
    output: { kind: 'cardinality' },
  } as const;
  await protocol({ ...subject, options: DEFAULTS }, exponent);
}
