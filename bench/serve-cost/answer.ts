/** What a record of `bench serve-cost` answers, in sentences: the same in its own report and in others'. */
import { formatMs, significant } from '../format/numbers.ts';
import { median, ratioInterval } from '../statistics/stats.ts';
import { GUESTS, type Way } from './metrics.ts';
import type { CostRecord } from './record.ts';

export const QUESTION = 'What does it cost to make a server unhackable, in ms and in share?';
export const UNHACKABLE =
  '"Unhackable" means: by whoever runs the machine, as far as the enclave\'s hardware holds; what the server\'s ' +
  'own code gets wrong stays wrong.';

/** Below it an interval of 95 % needs more rounds. */
const COVERAGE = 0.9495;

type Figures = (way: Way) => readonly number[];

/** Times, and what is said of them. */
const TIMES = [
  ['echo', 'new', 'a new connection'],
  ['echo', 'round-trip', 'a round trip on an open one'],
  ['http', 'request', 'a small web page'],
  ['minecraft', 'status', "the status in a player's list of servers"],
  ['minecraft', 'spawn', 'a Minecraft player, from connecting to spawning'],
  ['minecraft', 'chunks', 'until the world around is loaded'],
  ['minecraft', 'chat-1', 'a chat line back to who said it'],
  ['minecraft', 'chat-20', 'the same among 20 players'],
] as const;
const RATES = [
  ['http', 'bulk', 'bulk down'],
  ['http', 'upload', 'bulk up'],
] as const;

/** One sentence part per figure, by guest; guests without figures in all ways are left out. */
export function answers({ samples }: CostRecord): ReadonlyMap<string, readonly string[]> {
  const figuresOf =
    (guest: string, metric: string): Figures =>
    (way) =>
      samples.flatMap((one) =>
        one.guest === guest && one.metric === metric && one.way === way ? [one.value] : [],
      );
  const said = new Map<string, string[]>();
  const say = (guest: string, text: string | undefined) => {
    if (text !== undefined) said.set(guest, [...(said.get(guest) ?? []), text]);
  };
  for (const of of GUESTS) {
    for (const [guest, id, what] of TIMES) if (guest === of) say(guest, ofTime(figuresOf(guest, id), what));
    for (const [guest, id, what] of RATES) if (guest === of) say(guest, ofRate(figuresOf(guest, id), what));
  }
  return said;
}

function ofTime(figures: Figures, what: string): string | undefined {
  const [enclave, direct, relays] = (['enclave', 'direct', 'relays'] as const).map(figures);
  if (!enclave?.length || !direct?.length || !relays?.length) return undefined;
  const { low, high, ratio, coverage } = ratioInterval(enclave, direct);
  if (coverage < COVERAGE) return `${what}: too few rounds to say`;
  if (low <= 1 && high >= 1) {
    return `${what}: no difference from direct could be shown (${significant(low)} … ${significant(high)} ×)`;
  }
  const change = median(enclave) - median(direct);
  const more = `${formatMs(Math.abs(change))} ${change < 0 ? 'less' : 'more'}`;
  const hops = significant(ratioInterval(enclave, relays).ratio, 2);
  return `${what}: ${more} (${significant(ratio, 2)} × direct, ${hops} × two plain relays)`;
}

function ofRate(figures: Figures, what: string): string | undefined {
  const [enclave, relays] = (['enclave', 'relays'] as const).map(figures);
  if (!enclave?.length || !relays?.length) return undefined;
  const { low, high, ratio, coverage } = ratioInterval(enclave, relays);
  if (coverage < COVERAGE) return `${what}: too few rounds to say`;
  const [share, from, to] = [ratio, low, high].map((value) => significant(value * 100, 2));
  return `${what}: ${share} % of what two plain relays carry (${from} … ${to} %)`;
}
