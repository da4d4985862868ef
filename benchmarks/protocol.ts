/**
 * A protocol between two processes, measured as the harness does and taken apart: one-shot (the first run of fresh
 * processes), warm (their later runs), phases, CPU and memory by party, bytes, flights, and the shares of the steps.
 */
import { createCipheriv } from 'node:crypto';
import type { OptionValues, Output, ReceiverResult, Role } from '../bench/contract.ts';
import { sampleX25519 } from '../bench/machine/yardstick.ts';
import { Parties, type PhasePlay } from '../bench/run/parties.ts';
import { median } from '../bench/statistics/stats.ts';

const MIB = 2 ** 20;
const TIMEOUT_MS = 300_000;
const ROLES = ['receiver', 'sender'] as const;

/** What is run. */
export interface Subject {
  /** Path of the module. */
  readonly module: string;
  readonly id: string;
  readonly options: OptionValues;
  /** Default: the intersection. */
  readonly output?: Output;
  /** Whether it has a third process. */
  readonly helper?: boolean;
}

/** One size to run it at. */
export interface Sizes {
  readonly receiver: number;
  readonly sender: number;
}

export interface Effort {
  /** Pairs of processes. */
  readonly sets: number;
  /** Warm runs of each. */
  readonly warm: number;
  readonly threads?: number;
}

export interface Run {
  readonly phases: readonly PhasePlay[];
  /** Without the loading of code, which a program has behind it when it begins; that is printed beside it. */
  readonly wallMs: number;
  readonly loadMs: number;
}

export interface Measured {
  readonly sizes: Sizes;
  readonly oneShot: readonly Run[];
  readonly warm: readonly Run[];
}

/** Runs it; half of the smaller set is shared, and every result is checked by its size. */
export async function measure(subject: Subject, sizes: Sizes, effort: Effort): Promise<Measured> {
  const { module, id, options, output = { kind: 'intersection' } } = subject;
  const overlap = Math.min(sizes.receiver, sizes.sender) >> 1;
  const oneShot: Run[] = [];
  const warm: Run[] = [];
  for (let set = 0; set < effort.sets; set++) {
    const started = await Parties.start(
      {
        roles: subject.helper ? [...ROLES, 'helper'] : ROLES,
        implementation: { module, id },
        dataset: {
          kind: 'random',
          receiverSize: sizes.receiver,
          senderSize: sizes.sender,
          overlap,
          seed: `benchmark ${set}`,
        },
        sizes,
        options,
        output,
        threads: effort.threads ?? 1,
        protocolSeed: null,
      },
      TIMEOUT_MS,
    );
    if (!(started instanceof Parties)) throw new Error(started.reason);
    for (let sample = 0; sample <= effort.warm; sample++) {
      const play = await started.play(sample, TIMEOUT_MS);
      if (play.outcome !== 'played') throw new Error(play.reason);
      const expected = output.kind === 'threshold' ? Number(overlap >= output.atLeast) : overlap;
      if (sizeOf(play.result) !== expected)
        throw new Error(`${id} gave ${sizeOf(play.result)} in place of ${expected}`);
      const loadMs = Math.max(...ROLES.map((role) => stepMs(play.phases, role, 'load')));
      const wallMs = play.phases.reduce((sum, phase) => sum + phase.wallMs, 0) - loadMs;
      (sample === 0 ? oneShot : warm).push({ phases: play.phases, wallMs, loadMs });
    }
    started.kill();
  }
  return { sizes, oneShot, warm };
}

function sizeOf(result: ReceiverResult): number {
  return result instanceof Uint32Array ? result.length : Number(result);
}

/** What a party spent in a step, over all phases. */
function stepMs(phases: readonly PhasePlay[], role: Role, name: string): number {
  return phases.reduce((sum, { parties }) => sum + (parties.get(role)?.steps[name] ?? 0), 0);
}

/** The median over runs of a sum over their phases. */
function overPhases(runs: readonly Run[], value: (phase: PhasePlay) => number): number {
  return median(runs.map(({ phases }) => phases.reduce((sum, phase) => sum + value(phase), 0)));
}

function cpuMs(phase: PhasePlay, role: Role): number {
  const usage = phase.parties.get(role);
  return usage ? usage.cpuUserMs + usage.cpuSystemMs : 0;
}

function sentBytes(phase: PhasePlay, role: Role): number {
  return Object.values(phase.parties.get(role)?.traffic ?? {}).reduce(
    (sum, { sentBytes: sent }) => sum + sent,
    0,
  );
}

function flightsOf(phase: PhasePlay): number {
  return Math.max(...[...phase.parties.values()].map(({ flights }) => flights));
}

const ms = (value: number) => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
const sizeText = (n: number) => (Number.isInteger(Math.log2(n)) ? `2^${Math.log2(n)}` : String(n));

/** Prints what was measured, a few lines for each kind of run. */
export function print({ sizes, oneShot, warm }: Measured, write: (line: string) => void): void {
  const pairs = Math.max(sizes.receiver, sizes.sender);
  write(`\n${sizeText(sizes.receiver)} × ${sizeText(sizes.sender)}`);
  for (const [name, runs] of [
    ['one-shot', oneShot],
    ['warm', warm],
  ] as const) {
    if (runs.length === 0) continue;
    const walls = runs.map(({ wallMs }) => wallMs);
    const phase = (wanted: string) =>
      ms(overPhases(runs, (play) => (play.phase === wanted ? play.wallMs : 0)));
    const bytes = overPhases(runs, (play) => sentBytes(play, 'receiver') + sentBytes(play, 'sender'));
    const peaks = ROLES.map((role) =>
      Math.max(
        ...runs.flatMap(({ phases }) => phases.map(({ parties }) => parties.get(role)?.peakBytes ?? 0)),
      ),
    );
    write(
      `  ${name}: ${ms(median(walls))} (least ${ms(Math.min(...walls))}, ${runs.length} runs): ` +
        `setup ${phase('setup')}, prepare ${phase('prepare')}, online ${phase('online')}` +
        (runs === oneShot ? `; loading the code before ${ms(median(runs.map(({ loadMs }) => loadMs)))}` : ''),
    );
    write(
      `    CPU ${ROLES.map((role) => `${role} ${ms(overPhases(runs, (play) => cpuMs(play, role)))}`).join(', ')}; ` +
        `${(bytes / pairs).toFixed(1)} B per pair, ${overPhases(runs, flightsOf)} flights, ` +
        `peak ${peaks.map((peak) => `${(peak / MIB).toFixed(0)} MiB`).join(' and ')}`,
    );
    for (const role of ROLES) write(`    ${role}: ${shares(runs, role)}`);
  }
}

/** Each step's median time, the largest first. */
function shares(runs: readonly Run[], role: Role): string {
  const names = new Set(
    runs.flatMap(({ phases }) =>
      phases.flatMap(({ parties }) => Object.keys(parties.get(role)?.steps ?? {})),
    ),
  );
  return [...names]
    .filter((name) => name !== 'load')
    .map((name) => [name, median(runs.map(({ phases }) => stepMs(phases, role, name)))] as const)
    .sort(([, a], [, b]) => b - a)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join(', ');
}

/** What says how fast the machine is at this moment. */
export function yardsticks(): { readonly x25519Us: number; readonly text: string } {
  const x25519Us = sampleX25519(50);
  return {
    x25519Us,
    text:
      `yardsticks: OpenSSL X25519 ${x25519Us.toFixed(1)} µs, AES-128-ECB in pieces of 128 KiB ` +
      `${aesNs().toFixed(2)} ns a block, random 16-byte reads ${randomReadNs(16).toFixed(1)} ns of 16 MB, ` +
      `${randomReadNs(128).toFixed(1)} ns of 128 MB`,
  };
}

function aesNs(): number {
  const cipher = createCipheriv('aes-128-ecb', Buffer.alloc(16, 1), null).setAutoPadding(false);
  const piece = Buffer.alloc(1 << 17);
  const samples = Array.from({ length: 50 }, () => {
    const start = performance.now();
    cipher.update(piece);
    return ((performance.now() - start) * 1e6) / (piece.length / 16);
  });
  return median(samples);
}

/** Reads whose addresses do not depend on one another. */
function randomReadNs(megabytes: number): number {
  const words = new BigUint64Array((megabytes * MIB) / 8).fill(1n);
  const mask = words.length / 2 - 1;
  const samples = Array.from({ length: 5 }, (_, round) => {
    let [at, sum] = [round + 1, 0n];
    const start = performance.now();
    for (let i = 0; i < 1 << 18; i++) {
      at = (Math.imul(at, 1_664_525) + 1_013_904_223) | 0;
      const place = 2 * ((at >>> 3) & mask);
      sum ^= (words[place] ?? 0n) ^ (words[place + 1] ?? 0n);
    }
    const spent = performance.now() - start;
    if (sum === -1n) throw new Error('unreachable');
    return (spent * 1e6) / (1 << 18);
  });
  return median(samples);
}
