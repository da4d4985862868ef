/** A chart's colours on a dark card: those of paper, ink and grid change, those of implementations do not. */

import { AHEAD, BEHIND, CARD, FAINT, GRID, INK, NEUTRAL, SHADES } from './style.ts';

/** What stands for each of them on a dark card. */
export const DARK: Readonly<Record<string, string>> = {
  [CARD]: '#151b23',
  [INK]: '#f0f6fc',
  [FAINT]: '#9198a1',
  [GRID]: '#3d444d',
  [NEUTRAL]: '#2a313a',
  [AHEAD]: '#142536',
  [BEHIND]: '#2d2014',
  // Light for what is dark on white, so that they differ as much from the card.
  ...Object.fromEntries(SHADES.map((shade, i) => [shade, SHADES.toReversed()[i] ?? shade])),
};

/** The specification with the colours of a dark card. */
export function inDark(spec: object): object {
  return changed(spec) as object;
}

function changed(value: unknown): unknown {
  if (typeof value === 'string') return Object.hasOwn(DARK, value) ? DARK[value] : value;
  if (Array.isArray(value)) return value.map(changed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, changed(inner)]));
}
