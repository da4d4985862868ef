/** What is chosen on the page, as the part of its address after `#`: a link shows what its sender saw. */

export interface Address {
  readonly part: number;
  /** Values that are *not* chosen, so that what a later record adds is shown. */
  readonly hidden: Readonly<Record<'sizes' | 'networks' | 'impls', readonly string[]>>;
  readonly slowdown: number;
  readonly log: boolean;
}

const GROUPS = ['sizes', 'networks', 'impls'] as const;

/** Without what is as it is at first. */
export function formatAddress({ part, hidden, slowdown, log }: Address): string {
  const words = new URLSearchParams();
  if (part > 0) words.set('part', String(part + 1));
  for (const group of GROUPS) for (const value of hidden[group]) words.append(`no-${group}`, value);
  if (slowdown !== 1) words.set('slowdown', String(slowdown));
  if (!log) words.set('axes', 'linear');
  return words.toString();
}

/** `text` may come from anywhere: what means nothing is as if it were not there. */
export function parseAddress(text: string): Address {
  const words = new URLSearchParams(text.replace(/^#/, ''));
  const part = Number(words.get('part') ?? 1);
  const slowdown = Number(words.get('slowdown') ?? 1);
  return {
    part: Number.isInteger(part) && part >= 1 ? part - 1 : 0,
    hidden: {
      sizes: words.getAll('no-sizes'),
      networks: words.getAll('no-networks'),
      impls: words.getAll('no-impls'),
    },
    slowdown: slowdown >= 1 && slowdown <= 100 ? slowdown : 1,
    log: words.get('axes') !== 'linear',
  };
}
