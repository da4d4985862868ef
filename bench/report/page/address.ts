/** What is chosen on the page, as the part of its address after `#`: a link shows what its sender saw. */

export interface Address {
  readonly part: number;
  /** The machine that is set beside it; null for none. */
  readonly other: number | null;
  /** Values that are *not* chosen, so that what a later record adds is shown. */
  readonly hidden: Readonly<Record<'sizes' | 'networks' | 'impls', readonly string[]>>;
  readonly slowdown: number;
  readonly log: boolean;
}

const GROUPS = ['sizes', 'networks', 'impls'] as const;

/** Without what is as it is at first. */
export function formatAddress({ part, other, hidden, slowdown, log }: Address): string {
  const words = new URLSearchParams();
  if (part > 0) words.set('part', String(part + 1));
  if (other !== null) words.set('with', String(other + 1));
  for (const group of GROUPS) for (const value of hidden[group]) words.append(`no-${group}`, value);
  if (slowdown !== 1) words.set('slowdown', String(slowdown));
  if (!log) words.set('axes', 'linear');
  return words.toString();
}

/** `text` may come from anywhere: what means nothing is as if it were not there. */
export function parseAddress(text: string): Address {
  const words = new URLSearchParams(text.replace(/^#/, ''));
  const index = (name: string) => {
    const number = Number(words.get(name) ?? 0);
    return Number.isInteger(number) && number >= 1 ? number - 1 : null;
  };
  const slowdown = Number(words.get('slowdown') ?? 1);
  return {
    part: index('part') ?? 0,
    other: index('with'),
    hidden: {
      sizes: words.getAll('no-sizes'),
      networks: words.getAll('no-networks'),
      impls: words.getAll('no-impls'),
    },
    slowdown: slowdown >= 1 && slowdown <= 100 ? slowdown : 1,
    log: words.get('axes') !== 'linear',
  };
}
