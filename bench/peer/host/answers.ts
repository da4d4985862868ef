/**
 * What a party of the sender's host says, checked where it arrives: a host that lies must not be able to do
 * more than spoil its run.
 */
import type { Role } from '../../contract.ts';
import type { Traffic } from '../../party/channel.ts';
import type { PartyFailure } from '../../party/local.ts';
import type { FromParty, PhaseUsage, StartUsage } from '../../party/messages.ts';
import { FAILURES } from '../../record/samples.ts';
import { PHASES, ROLES } from '../../terms.ts';
import {
  amount,
  count,
  entries,
  fail,
  list,
  object,
  oneOf,
  orNull,
  printable,
  text,
} from '../wire/fields.ts';

const MAX_STEPS = 32;
/** The weights that `failureOf` gives. */
const MAX_WEIGHT = 5;

export type FromRemoteParty =
  | { readonly type: 'answer'; readonly message: FromParty }
  | { readonly type: 'failure'; readonly failure: PartyFailure };

/** @throws ProtocolError naming what cannot be. */
export function checkPartyAnswer(value: Readonly<Record<string, unknown>>): FromRemoteParty {
  if (value.type === 'failure') {
    const { outcome, reason, weight } = object(value.failure, 'failure');
    return {
      type: 'failure',
      failure: {
        outcome: oneOf(outcome, 'failure', FAILURES),
        reason: text(reason, 'failure', 10_000) || fail('failure'),
        weight: count(weight, 'failure', MAX_WEIGHT),
      },
    };
  }
  if (value.type !== 'answer') fail('message');
  const message = object(value.message, 'answer');
  const answer = (said: FromParty): FromRemoteParty => ({ type: 'answer', message: said });
  switch (message.type) {
    case 'ready':
      return answer({
        type: 'ready',
        port: count(message.port, 'port'),
        residentBytes: count(message.residentBytes, 'residentBytes'),
      });
    case 'connected':
      return answer({ type: 'connected' });
    case 'started': {
      const named = list(message.phases, 'phases', PHASES.length).map((one) => oneOf(one, 'phases', PHASES));
      const phases = PHASES.filter((phase) => named.includes(phase));
      return answer({ type: 'started', phases, start: checkStart(object(message.start, 'start')) });
    }
    case 'phase-done':
      return answer({ type: 'phase-done', usage: checkUsage(object(message.usage, 'usage')) });
    case 'finished':
      return answer({ type: 'finished', closeMs: amount(message.closeMs, 'closeMs'), result: null });
    default:
      return fail('answer');
  }
}

function checkUsage(usage: Readonly<Record<string, unknown>>): PhaseUsage {
  const traffic: Partial<Record<Role, Traffic>> = {};
  for (const [name, value] of entries(usage.traffic, 'traffic', ROLES.length)) {
    const { sentBytes, receivedBytes, sentMessages, receivedMessages } = object(value, 'traffic');
    traffic[oneOf(name, 'traffic', ROLES)] = {
      sentBytes: count(sentBytes, 'sentBytes'),
      receivedBytes: count(receivedBytes, 'receivedBytes'),
      sentMessages: count(sentMessages, 'sentMessages'),
      receivedMessages: count(receivedMessages, 'receivedMessages'),
    };
  }
  return {
    phase: oneOf(usage.phase, 'phase', PHASES),
    doneAt: amount(usage.doneAt, 'doneAt'),
    endedAt: amount(usage.endedAt, 'endedAt'),
    cpuUserMs: amount(usage.cpuUserMs, 'cpuUserMs'),
    cpuSystemMs: amount(usage.cpuSystemMs, 'cpuSystemMs'),
    peakBytes: orNull(usage.peakBytes, (bytes) => count(bytes, 'peakBytes')),
    traffic,
    flights: count(usage.flights, 'flights', 2 ** 16),
    receivedFlights: count(usage.receivedFlights, 'receivedFlights', 2 ** 16),
    children: count(usage.children, 'children'),
    steps: checkSteps(usage.steps),
  };
}

function checkStart(start: Readonly<Record<string, unknown>>): StartUsage {
  return {
    wallMs: amount(start.wallMs, 'wallMs'),
    cpuUserMs: amount(start.cpuUserMs, 'cpuUserMs'),
    cpuSystemMs: amount(start.cpuSystemMs, 'cpuSystemMs'),
    peakBytes: orNull(start.peakBytes, (bytes) => count(bytes, 'peakBytes')),
    steps: checkSteps(start.steps),
  };
}

function checkSteps(value: unknown): Record<string, number> {
  const steps = entries(value, 'steps', MAX_STEPS);
  return Object.fromEntries(steps.map(([name, ms]) => [printable(name, 64), amount(ms, 'steps')]));
}
