/**
 * What two hosts say to each other. The receiver's host (which runs `bench run --peer`) opens every
 * connection; the first line of each says what it is for:
 *
 * - `hello`, the main one: both sides' code is compared, then it stays open as long as the run goes on;
 * - `party`: a party's process on the sender's host, asked one thing after the other;
 * - `tunnel`: carries the one connection between that party and a party of the other host;
 * - `calibrate`: round trips and bulk;
 * - `result`: what both files share, for the sender, when both sides have asked for that.
 *
 * Every other one names the session that the answer to `hello` gave. No message names a port, a path, a
 * module or a seed: what there is on a host, that host knows.
 *
 * Whoever reads a message takes it apart here, field by field; what is not looked for goes no further.
 */
import type { GeneratedSpec } from '../../../datasets/dataset.ts';
import type { Output, Phase, Role } from '../../contract.ts';
import type { PartyTask } from '../../party/messages.ts';
import { PHASES, ROLES } from '../../terms.ts';
import { type HostSelf, parseHostSelf } from '../host/host-self.ts';
import { type OwnFacts, parseOwnFacts } from '../host/own-data.ts';
import { count, entries, fail, hex, list, object, oneOf, orNull, text } from './fields.ts';

/** Changes with the meaning of any message. */
export const PEER_PROTOCOL = 2;
/** Hex digits of what names a session, and of the token of a cell's parties. */
const SESSION_DIGITS = 32;
const TOKEN_DIGITS = 64;
/** A SHA-256 fingerprint. */
const ROOT_DIGITS = 64;
const MAX_OPTIONS = 32;
const MAX_ALLOWED = 200;

/** What a party of the other host is to play: the fields of its task that the other host may choose. */
export type RemoteTask = Pick<PartyTask, 'sizes' | 'options' | 'output' | 'threads' | 'token'> & {
  /** The implementation, which must be of the same version there. */
  readonly id: string;
  readonly version: string;
  /** `own`: the file of the host that plays it. */
  readonly dataset: GeneratedSpec | 'own';
};

export type Opening =
  /** `root`: fingerprint of the root under which an enclave that is emulated on that host proves itself. */
  | {
      readonly type: 'hello';
      readonly protocol: number;
      readonly self: HostSelf;
      readonly root: string | null;
    }
  | { readonly type: 'party'; readonly session: string; readonly task: RemoteTask }
  /** `party` as its answer `ready` gave it; `role` is the other end's. */
  | { readonly type: 'tunnel'; readonly session: string; readonly party: number; readonly role: Role }
  | { readonly type: 'calibrate'; readonly session: string }
  /** So many digests follow, see `shared-items.ts`. */
  | { readonly type: 'result'; readonly session: string; readonly count: number };

/** What the sender's host says of itself and of what it allows, when it lets a run begin. */
export interface Welcome {
  readonly session: string;
  readonly self: HostSelf;
  /** Ids of the implementations that may be asked for. */
  readonly allowed: readonly string[];
  /** Its own file, with which it plays and nothing else; null: it plays with generated data. */
  readonly own: OwnFacts | null;
  /** Whether it wants to be told what is shared. */
  readonly takesResult: boolean;
}

export type Answer =
  | ({ readonly type: 'welcome' } & Welcome)
  | { readonly type: 'refused'; readonly reason: string };

/** What may be asked of a party; see `Conversation` for when. */
export type Ask =
  | { readonly type: 'connect' }
  | { readonly type: 'start'; readonly sample: number }
  | { readonly type: 'phase'; readonly phase: Phase }
  | { readonly type: 'finish' };

/** On a party's connection. Closing it kills the process. */
export type ToRemoteParty = Ask | { readonly type: 'dismiss' };

/** @throws ProtocolError when a connection begins with something else. */
export function parseOpening(value: Readonly<Record<string, unknown>>): Opening {
  const session = () => hex(value.session, 'session', SESSION_DIGITS);
  switch (value.type) {
    case 'hello': {
      const protocol = count(value.protocol, 'protocol');
      // Another version may describe itself in another way; it is told so.
      if (protocol !== PEER_PROTOCOL) return { type: 'hello', protocol, self: NOBODY, root: null };
      const root = orNull(value.root, (digits) => hex(digits, 'root', ROOT_DIGITS));
      return { type: 'hello', protocol, self: parseHostSelf(value.self), root };
    }
    case 'party':
      return { type: 'party', session: session(), task: parseTask(object(value.task, 'task')) };
    case 'tunnel':
      return {
        type: 'tunnel',
        session: session(),
        party: count(value.party, 'party'),
        role: oneOf(value.role, 'role', ROLES),
      };
    case 'calibrate':
      return { type: 'calibrate', session: session() };
    case 'result':
      return { type: 'result', session: session(), count: count(value.count, 'count') };
    default:
      return fail('first line');
  }
}

/** @throws ProtocolError when it is no welcome of this version. */
export function parseWelcome(value: Readonly<Record<string, unknown>>): Welcome {
  if (value.type !== 'welcome') fail('welcome');
  return {
    session: hex(value.session, 'session', SESSION_DIGITS),
    self: parseHostSelf(value.self),
    allowed: list(value.allowed, 'allowed', MAX_ALLOWED).map((id) => text(id, 'allowed')),
    own: orNull(value.own, parseOwnFacts),
    takesResult: value.takesResult === true,
  };
}

function parseTask(task: Readonly<Record<string, unknown>>): RemoteTask {
  const sizes = object(task.sizes, 'sizes');
  return {
    id: text(task.id, 'implementation'),
    version: text(task.version, 'version'),
    dataset: task.dataset === 'own' ? 'own' : parseDataset(object(task.dataset, 'dataset')),
    sizes: { receiver: count(sizes.receiver, 'sizes'), sender: count(sizes.sender, 'sizes') },
    options: Object.fromEntries(
      entries(task.options, 'options', MAX_OPTIONS).map(([name, value]) => {
        if (typeof value === 'string') return [name, text(value, 'options')];
        if (typeof value !== 'number' && typeof value !== 'boolean') fail('options');
        return [name, value];
      }),
    ),
    output: parseOutput(object(task.output, 'output')),
    threads: count(task.threads, 'threads'),
    token: hex(task.token, 'token', TOKEN_DIGITS),
  };
}

function parseOutput({ kind, atLeast }: Readonly<Record<string, unknown>>): Output {
  if (kind === 'intersection' || kind === 'cardinality') return { kind };
  if (kind !== 'threshold') fail('output');
  return { kind, atLeast: count(atLeast, 'output') || fail('output') };
}

function parseDataset(value: Readonly<Record<string, unknown>>): GeneratedSpec {
  return {
    kind: oneOf(value.kind, 'dataset', ['random', 'patients']),
    receiverSize: count(value.receiverSize, 'dataset'),
    senderSize: count(value.senderSize, 'dataset'),
    overlap: count(value.overlap, 'dataset'),
    seed: typeof value.seed === 'number' ? count(value.seed, 'seed') : text(value.seed, 'seed', 1000),
  };
}

/** @throws ProtocolError when it is nothing that may ever be asked of a party. */
export function parseAsk(value: Readonly<Record<string, unknown>>): ToRemoteParty {
  switch (value.type) {
    case 'connect':
    case 'finish':
    case 'dismiss':
      return { type: value.type };
    case 'start':
      return { type: 'start', sample: count(value.sample, 'sample') };
    case 'phase':
      return { type: 'phase', phase: oneOf(value.phase, 'phase', PHASES) };
    default:
      return fail('question');
  }
}

/** What is known of a host that speaks another version of this protocol. */
const NOBODY: HostSelf = {
  code: { commit: null, dirty: null, changesSha256: null, lockSha256: null },
  host: {
    fingerprint: '',
    cpu: '',
    cpuFlags: [],
    cores: 0,
    memoryBytes: 0,
    os: '',
    osRelease: '',
    arch: '',
  },
  runtime: { node: '', v8: '', openssl: '' },
  packages: {},
  peakMemory: 'process',
};
