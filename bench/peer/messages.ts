/**
 * What two hosts say to each other. The receiver's host (which runs `bench run --peer`) opens every
 * connection; the first line of each says what it is for:
 *
 * - `hello`, the main one: both sides' code is compared, then it stays open as long as the run goes on;
 * - `party`: a party's process on the sender's host, asked as if it were here;
 * - `tunnel`: carries one connection between a party here and one there;
 * - `calibrate`: round trips and bulk.
 *
 * Every other one names the session that the answer to `hello` gave.
 */

import type { Phase, Role } from '../contract.ts';
import { ProtocolError } from '../errors.ts';
import type { Traffic } from '../party/channel.ts';
import type { PartyFailure } from '../party/local.ts';
import type { FromParty, PartyTask, PhaseUsage, ToParty } from '../party/messages.ts';
import type { CodeFacts, Environment } from '../record/environment.ts';
import { FAILURES } from '../record/samples.ts';
import { PHASES, ROLES } from '../terms.ts';

/** Changes with the meaning of any message. */
export const PEER_PROTOCOL = 1;

/** What a host says of itself, for the record. */
export type HostSelf = Pick<Environment, 'code' | 'host' | 'runtime' | 'packages' | 'peakMemory'>;

export function hostSelf({ code, host, runtime, packages, peakMemory }: Environment): HostSelf {
  return { code, host, runtime, packages, peakMemory };
}

export type Opening =
  | { readonly type: 'hello'; readonly protocol: number; readonly self: HostSelf }
  | { readonly type: 'party'; readonly session: string; readonly version: string; readonly task: PartyTask }
  /** From a party there to one here (`listen` there), or the other way (`port` of the party there). */
  | { readonly type: 'tunnel'; readonly session: string; readonly port: number | null }
  | { readonly type: 'calibrate'; readonly session: string };

export type Answer =
  | { readonly type: 'welcome'; readonly session: string; readonly self: HostSelf }
  | { readonly type: 'refused'; readonly reason: string };

/** On a party's connection. Closing it kills the process. */
export type ToRemoteParty =
  | { readonly type: 'ask'; readonly message: ToParty; readonly answer: FromParty['type'] }
  | { readonly type: 'dismiss' };
export type FromRemoteParty =
  | { readonly type: 'answer'; readonly message: FromParty }
  | { readonly type: 'failure'; readonly failure: PartyFailure };

/** @throws ProtocolError when a connection begins with something else. */
export function asOpening(value: Record<string, unknown>): Opening {
  const known =
    (value.type === 'hello' && typeof value.self === 'object' && value.self !== null) ||
    (typeof value.session === 'string' &&
      (value.type === 'calibrate' ||
        (value.type === 'tunnel' && (value.port === null || Number.isInteger(value.port))) ||
        (value.type === 'party' && isTask(value.task))));
  if (!known) fail('first line');
  return value as unknown as Opening;
}

/** Only as far as its parts can be looked at: the host that plays it checks each. */
function isTask(task: unknown): boolean {
  const { implementation, roles, sizes, dataset, options } = object(task, 'task');
  return [implementation, roles, sizes, dataset, options].every(
    (part) => typeof part === 'object' && part !== null,
  );
}

/** Why two hosts' results would not be of the same code: null, or in words. */
export function codeDifference(mine: CodeFacts, theirs: CodeFacts): string | null {
  const fields = [
    ['commit', mine.commit, theirs?.commit],
    ['uncommitted changes', mine.changesSha256, theirs?.changesSha256],
    ['lock file', mine.lockSha256, theirs?.lockSha256],
  ] as const;
  const differing = fields.filter(([, a, b]) => a !== b).map(([name]) => name);
  return differing.length === 0 ? null : differing.join(', ');
}

/** What a party there said, checked: a host that lies must not be able to do more than spoil its run. */
export function checkPartyAnswer(value: Record<string, unknown>): FromRemoteParty {
  if (value.type === 'failure') {
    const { outcome, reason, weight } = object(value.failure, 'failure');
    const known = FAILURES.find((failure) => failure === outcome);
    if (!known || typeof reason !== 'string' || reason === '' || typeof weight !== 'number') fail('failure');
    return {
      type: 'failure',
      failure: { outcome: known!, reason: reason as string, weight: weight as number },
    };
  }
  if (value.type !== 'answer') fail('message');
  const message = object(value.message, 'answer');
  switch (message.type) {
    case 'ready':
      return {
        type: 'answer',
        message: {
          type: 'ready',
          port: count(message.port, 'port'),
          residentBytes: count(message.residentBytes, 'residentBytes'),
        },
      };
    case 'connected':
      return { type: 'answer', message: { type: 'connected' } };
    case 'started': {
      const phases = PHASES.filter((phase) => (message.phases as unknown[] | undefined)?.includes?.(phase));
      return { type: 'answer', message: { type: 'started', phases } };
    }
    case 'phase-done':
      return {
        type: 'answer',
        message: { type: 'phase-done', usage: checkUsage(object(message.usage, 'usage')) },
      };
    case 'finished':
      return { type: 'answer', message: { type: 'finished', result: null } };
    default:
      return fail('answer');
  }
}

function checkUsage(usage: Record<string, unknown>): PhaseUsage {
  const traffic: Partial<Record<Role, Traffic>> = {};
  for (const [role, value] of Object.entries(object(usage.traffic, 'traffic'))) {
    if (!ROLES.includes(role as Role)) fail('traffic');
    const { sentBytes, receivedBytes, sentMessages, receivedMessages } = object(value, 'traffic');
    traffic[role as Role] = {
      sentBytes: count(sentBytes, 'sentBytes'),
      receivedBytes: count(receivedBytes, 'receivedBytes'),
      sentMessages: count(sentMessages, 'sentMessages'),
      receivedMessages: count(receivedMessages, 'receivedMessages'),
    };
  }
  const { phase } = usage;
  if (!PHASES.includes(phase as Phase)) fail('phase');
  const steps = Object.entries(object(usage.steps, 'steps')).map(
    ([name, ms]) => [name, amount(ms, 'steps')] as const,
  );
  return {
    phase: phase as PhaseUsage['phase'],
    doneAt: amount(usage.doneAt, 'doneAt'),
    endedAt: amount(usage.endedAt, 'endedAt'),
    cpuUserMs: amount(usage.cpuUserMs, 'cpuUserMs'),
    cpuSystemMs: amount(usage.cpuSystemMs, 'cpuSystemMs'),
    peakBytes: usage.peakBytes === null ? null : count(usage.peakBytes, 'peakBytes'),
    traffic,
    flights: count(usage.flights, 'flights'),
    receivedFlights: count(usage.receivedFlights, 'receivedFlights'),
    steps: Object.fromEntries(steps),
  };
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(what);
  return value as Record<string, unknown>;
}

function count(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) fail(what);
  return value as number;
}

function amount(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) fail(what);
  return value as number;
}

function fail(what: string): never {
  throw new ProtocolError(`the other host sent a "${what}" that cannot be`);
}
