/** Plays one run of a protocol, all parties in this process, over the mock wire of `memory-channel.ts`. */
import type {
  Implementation,
  ItemSet,
  Output,
  Party,
  Phase,
  ReceiverResult,
  Role,
  Session,
} from '../contract.ts';
import { messageOf } from '../errors.ts';
import { resolveOptions } from '../implementations/options.ts';
import { INTERSECTION } from '../implementations/output.ts';
import { seededRandom, systemRandom } from '../party/random.ts';
import { checkStep, checkUsage } from '../party/reports.ts';
import { PHASES, rolesOf } from '../terms.ts';
import { type Count, MemoryMesh, type MeshOptions, type Message, type Violation } from './memory-channel.ts';

/** How long `close()` may take. */
const CLOSE_MS = 10_000;
const NO_ITEMS: ItemSet = { count: 0, data: new Uint8Array(0), offsets: new Uint32Array(1) };

export interface PlayInput {
  readonly receiver: ItemSet;
  readonly sender: ItemSet;
  /** Option values; those left out have their defaults. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /** What the receiver is to learn; the intersection by default. */
  readonly output?: Output;
  /** What each party kept from runs before, as in one process; fresh processes by default. */
  readonly kept?: Readonly<Record<Role, Map<string, unknown>>>;
  /** Makes the run repeatable: each party draws from a generator seeded with this and its role. */
  readonly seed?: string;
  /** Default 1. */
  readonly threads?: number;
  /** Anything about the wire that shall differ from its defaults. */
  readonly mesh?: Omit<MeshOptions, 'roles'>;
  /** After this time a party that has not settled counts as hanging. Default 60,000. */
  readonly limitMs?: number;
}

/** How a party ended. `hanging`: it had neither resolved nor rejected at the time limit. */
export type Ending =
  | { readonly state: 'done'; readonly value: unknown }
  | { readonly state: 'failed'; readonly error: unknown; readonly phase: Phase }
  | { readonly state: 'hanging'; readonly phase: Phase };

export interface Step {
  readonly role: Role;
  readonly phase: Phase;
  readonly name: string;
  readonly ms: number;
}

export interface Usage {
  readonly role: Role;
  readonly phase: Phase;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

export interface Play {
  /** In the order in which the parties ended. */
  readonly endings: ReadonlyMap<Role, Ending>;
  readonly transcript: readonly Message[];
  readonly counts: readonly Count[];
  /** The highest flight number of each phase that was played to its end. */
  readonly flights: Readonly<Partial<Record<Phase, number>>>;
  readonly steps: readonly Step[];
  readonly usage: readonly Usage[];
  readonly limits: MemoryMesh['limits'];
  /** What the parties did against the contract. */
  readonly violations: readonly (Violation | CleanupViolation)[];
}

/** `close()` failed or took too long, or a rejected promise was left to kill the process. */
export interface CleanupViolation {
  readonly kind: 'close' | 'unhandled';
  readonly what: string;
}

/** Plays one run and reports how it went. Failures of parties are part of the report, never thrown. */
export async function play(implementation: Implementation, input: PlayInput): Promise<Play> {
  const roles = rolesOf(implementation);
  const mesh = new MemoryMesh({ ...input.mesh, roles });
  const aborter = new AbortController();
  const endings = new Map<Role, Ending>();
  const flights: Partial<Record<Phase, number>> = {};
  const steps: Step[] = [];
  const usage: Usage[] = [];
  const violations: CleanupViolation[] = [];
  const onUnhandled = (error: unknown) => {
    violations.push({
      kind: 'unhandled',
      what: `a rejected promise was left unhandled: ${messageOf(error)}`,
    });
  };
  process.on('unhandledRejection', onUnhandled);
  let phase: Phase = 'setup';
  const deadline = Date.now() + (input.limitMs ?? 60_000);

  const options = resolveOptions(implementation, input.options);
  const sizes = { receiver: input.receiver.count, sender: input.sender.count };
  const session = (role: Role): Session => ({
    role,
    sizes,
    options,
    output: input.output ?? INTERSECTION,
    kept: input.kept?.[role] ?? new Map(),
    threads: input.threads ?? 1,
    random: input.seed === undefined ? systemRandom : seededRandom(`${role} ${input.seed}`),
    channel: (peer) => mesh.channel(role, peer),
    signal: aborter.signal,
    step: (name, ms) => {
      checkStep(name, ms);
      steps.push({ role, phase, name, ms });
    },
    addUsage: ({ cpuMs, peakBytes }) => {
      checkUsage({ cpuMs, peakBytes });
      usage.push({ role, phase, cpuMs, peakBytes });
    },
  });
  const items = { receiver: input.receiver, sender: input.sender, helper: NO_ITEMS };

  const parties = new Map<Role, Party<unknown>>();
  const end = (role: Role, ending: Ending) => {
    if (endings.has(role)) return;
    endings.set(role, ending);
    if (ending.state === 'failed') mesh.fail(role, messageOf(ending.error));
  };
  mesh.beginPhase('setup');
  for (const role of roles) {
    try {
      parties.set(role, implementation[role]!(session(role)));
    } catch (error) {
      end(role, { state: 'failed', error, phase });
    }
  }

  for (phase of PHASES) {
    if (endings.size > 0) break;
    mesh.beginPhase(phase);
    const playing = roles.map(async (role) => {
      const party = parties.get(role)!;
      try {
        let value: unknown;
        if (phase === 'setup') await party.setup?.();
        else if (phase === 'online') value = await party.online(items[role]);
        else if (role !== 'helper') await party.prepare?.(items[role]);
        // A copy, as the harness takes it: what is filled in later is not the result.
        if (value instanceof Uint32Array) value = value.slice();
        if (phase === 'online') end(role, { state: 'done', value });
      } catch (error) {
        end(role, { state: 'failed', error, phase });
      } finally {
        mesh.finished(role);
      }
    });
    const inTime = await within(Promise.all(playing), deadline - Date.now());
    if (!inTime) for (const role of roles) end(role, { state: 'hanging', phase });
    else if ([...endings.values()].every((ending) => ending.state === 'done'))
      flights[phase] = mesh.endPhase();
  }

  aborter.abort();
  mesh.close();
  for (const [role, party] of parties) {
    try {
      const closing = Promise.resolve(party.close?.());
      if (await within(closing, CLOSE_MS)) continue;
      violations.push({ kind: 'close', what: `the ${role} did not finish close() within ${CLOSE_MS} ms` });
    } catch (error) {
      violations.push({ kind: 'close', what: `the ${role} failed in close(): ${messageOf(error)}` });
    }
  }
  // Rejections are reported when the turn of the event loop ends.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', onUnhandled);
  const { transcript, counts, limits } = mesh;
  return {
    endings,
    transcript,
    counts,
    flights,
    steps,
    usage,
    limits,
    violations: [...mesh.violations, ...violations],
  };
}

export interface MemoryRun<Result extends ReceiverResult = Uint32Array>
  extends Omit<Play, 'endings' | 'violations' | 'limits'> {
  /** The receiver's result; ask for `number` or `boolean` with an output that gives one. */
  readonly result: Result;
}

/** Empty stores for the parties of several runs, as if the same processes played them. */
export function freshlyKept(): Record<Role, Map<string, unknown>> {
  return { receiver: new Map(), sender: new Map(), helper: new Map() };
}

/**
 * Plays one run over the mock wire and returns the receiver's result with everything that was counted:
 * for tests of implementations.
 *
 * @throws the first error of any party; an Error if a party hangs or breaks the contract of the channel
 */
export async function runInMemory<Result extends ReceiverResult = Uint32Array>(
  implementation: Implementation,
  input: PlayInput,
): Promise<MemoryRun<Result>> {
  const { endings, violations, limits: _, ...rest } = await play(implementation, input);
  for (const ending of endings.values()) if (ending.state === 'failed') throw ending.error;
  for (const [role, ending] of endings) {
    if (ending.state === 'hanging') throw new Error(`the ${role} hangs in ${ending.phase}`);
  }
  if (violations.length > 0) throw new Error(violations.map(({ what }) => what).join('; '));
  const ending = endings.get('receiver')!;
  return { ...rest, result: (ending as { value: unknown }).value as Result };
}

/** Whether `promise` settles within `ms`; rejects when it does. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
