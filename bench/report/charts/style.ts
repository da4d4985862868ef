/**
 * How an implementation looks in every chart: a colour and a marker of its own, wherever it appears and
 * whatever stands beside it. Every colour has a contrast of at least 3:1 on white and on GitHub's dark
 * background; markers and direct labels carry the same meaning without colour.
 */

export interface Style {
  readonly colour: string;
  /** A shape of Vega. */
  readonly shape: string;
}

const STYLES: Readonly<Record<string, Style>> = {
  enclave: { colour: '#0072B2', shape: 'circle' },
  'enclave-oblivious': { colour: '#2C8FC9', shape: 'triangle-up' },
  ecdh: { colour: '#D55E00', shape: 'square' },
  kkrt: { colour: '#009E73', shape: 'diamond' },
  seal: { colour: '#CC79A7', shape: 'triangle-down' },
  rr22: { colour: '#B87D00', shape: 'cross' },
  hash: { colour: '#7A7F87', shape: 'stroke' },
  plaintext: { colour: '#9A6FC4', shape: 'triangle-right' },
};

/** For implementations that are not of this project, by the order of their names. */
const OTHERS: readonly Style[] = [
  { colour: '#B5651D', shape: 'wedge' },
  { colour: '#4F8F3A', shape: 'triangle-left' },
  { colour: '#C2527D', shape: 'arrow' },
  { colour: '#5B7FBF', shape: 'wedge' },
];

/** All colours, for the test of their contrast. */
export const COLOURS: readonly string[] = [...Object.values(STYLES), ...OTHERS].map(({ colour }) => colour);

/** The styles of `impls`. */
export function stylesOf(impls: readonly string[]): ReadonlyMap<string, Style> {
  const unknown = [...new Set(impls)].filter((impl) => !(impl in STYLES)).sort();
  return new Map(impls.map((impl) => [impl, STYLES[impl] ?? OTHERS[unknown.indexOf(impl) % OTHERS.length]!]));
}

/** Of the phases, from dark to light, so that they differ without colour too. */
export const SHADES: readonly string[] = ['#27364b', '#6c8ebf', '#c9d8ee'];

/** Neither side ahead. */
export const NEUTRAL = '#f7f7f7';
export const INK = '#1f2328';
export const FAINT = '#59636e';
export const GRID = '#e4e7eb';
export const CARD = '#ffffff';

/** What all charts share: fonts, colours, a card of their own on which they read in any theme. */
export const CHART_CONFIG = {
  background: CARD,
  padding: 16,
  font: 'Helvetica, Arial, sans-serif',
  view: { stroke: null },
  axisY: { labelLimit: 420 },
  axis: {
    labelColor: FAINT,
    titleColor: INK,
    titleFontWeight: 'normal',
    titleFontSize: 12,
    labelFontSize: 11,
    gridColor: GRID,
    domainColor: GRID,
    tickColor: GRID,
  },
  title: {
    anchor: 'start',
    color: INK,
    fontSize: 15,
    subtitleColor: FAINT,
    subtitleFontSize: 12,
    subtitlePadding: 6,
    offset: 14,
  },
  text: { color: INK, fontSize: 11.5 },
} as const;
