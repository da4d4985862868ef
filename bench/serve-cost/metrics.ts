/** What is measured of a server, and how it is reached. */

/** Ways from a client to the server. `vm` is the enclave in a virtual machine. */
export const WAYS = ['direct', 'relays', 'enclave', 'vm'] as const;
export type Way = (typeof WAYS)[number];

export const WAY_TITLES: Readonly<Record<Way, string>> = {
  direct: 'direct',
  relays: 'two plain relays',
  enclave: 'enclave',
  vm: 'enclave in a virtual machine',
};

export interface Metric {
  readonly id: string;
  readonly guest: string;
  readonly title: string;
  /** Of times less is better, of throughputs more. */
  readonly unit: 'ms' | 'MiB/s';
}

const STEP_TITLES = {
  connect: 'of which: connecting to the host',
  document: 'of which: the document, made on demand',
  verify: 'of which: verifying it',
  agreement: 'of which: agreeing on keys',
} as const;
export const STEPS = ['connect', 'document', 'verify', 'agreement'] as const;

export const CLIENTS_AT_ONCE = [1, 8, 64] as const;
/** Players on the Minecraft server, the one who speaks among them. */
export const PLAYERS = [1, 6, 20] as const;

/** In the order of the report. Steps are the enclave's alone. */
export const METRICS: readonly Metric[] = [
  { id: 'new', guest: 'echo', title: 'new connection, to the first byte back', unit: 'ms' },
  ...STEPS.map(
    (step): Metric => ({ id: `step-${step}`, guest: 'echo', title: STEP_TITLES[step], unit: 'ms' }),
  ),
  { id: 'round-trip', guest: 'echo', title: '32 bytes there and back, open connection', unit: 'ms' },
  ...CLIENTS_AT_ONCE.map(
    (count): Metric => ({
      id: `at-once-${count}`,
      guest: 'echo',
      title: `${count} new ${count === 1 ? 'client' : 'clients at once'}, until all are answered`,
      unit: 'ms',
    }),
  ),
  { id: 'request', guest: 'http', title: 'a small page, new connection', unit: 'ms' },
  { id: 'bulk', guest: 'http', title: 'down: a large answer, one connection', unit: 'MiB/s' },
  { id: 'upload', guest: 'http', title: 'up: a large request, one connection', unit: 'MiB/s' },
  { id: 'status', guest: 'minecraft', title: 'status ping', unit: 'ms' },
  { id: 'spawn', guest: 'minecraft', title: 'from connecting to spawning', unit: 'ms' },
  { id: 'chunks', guest: 'minecraft', title: 'from connecting until the world around is loaded', unit: 'ms' },
  ...PLAYERS.map(
    (count): Metric => ({
      id: `chat-${count}`,
      guest: 'minecraft',
      title: `a chat line back to who said it, ${count} ${count === 1 ? 'player' : 'players'}`,
      unit: 'ms',
    }),
  ),
];

/** Servers of which it is known how to measure them. */
export const GUESTS: readonly string[] = [...new Set(METRICS.map(({ guest }) => guest))];
