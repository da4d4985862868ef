/**
 * How an implementation looks in every chart: a colour and a marker of its own, wherever it appears and
 * whatever stands beside it. Every colour has a contrast of at least 3:1 on white and on GitHub's dark
 * background; markers and direct labels carry the same meaning without colour.
 */

export interface Style {
  readonly colour: string;
  /** A shape of Vega, or the path of one. */
  readonly shape: string;
}

/** Shapes that Vega does not have, as paths within a square from −1 to 1. */
const HEXAGON = 'M0,-1L0.87,-0.5L0.87,0.5L0,1L-0.87,0.5L-0.87,-0.5Z';
const STAR =
  'M0,-1L0.25,-0.35L0.95,-0.31L0.4,0.13L0.59,0.81L0,0.43L-0.59,0.81L-0.4,0.13L-0.95,-0.31L-0.25,-0.35Z';
const PENTAGON = 'M0,-0.95L0.95,-0.25L0.6,0.85L-0.6,0.85L-0.95,-0.25Z';
const BOW_TIE = 'M-0.95,-0.8L0,-0.15L0.95,-0.8L0.95,0.8L0,0.15L-0.95,0.8Z';
const HOURGLASS = 'M-0.8,-0.95L0.8,-0.95L0.15,0L0.8,0.95L-0.8,0.95L-0.15,0Z';
const HOUSE = 'M0,-1L0.85,-0.2L0.85,0.9L-0.85,0.9L-0.85,-0.2Z';
/** Where something has no result: no implementation looks like it. */
export const NO_RESULT = 'M-0.8,-0.8L0.8,0.8M0.8,-0.8L-0.8,0.8';

const STYLES: Readonly<Record<string, Style>> = {
  enclave: { colour: '#0072B2', shape: 'circle' },
  'enclave-oblivious': { colour: '#2C8FC9', shape: 'triangle-up' },
  ecdh: { colour: '#D55E00', shape: 'square' },
  kkrt: { colour: '#009E73', shape: 'diamond' },
  rr22: { colour: '#B87D00', shape: 'cross' },
  circuit: { colour: '#8A63D2', shape: HEXAGON },
  gc: { colour: '#C4384F', shape: STAR },
  seal: { colour: '#CC79A7', shape: 'triangle-down' },
  hash: { colour: '#7A7F87', shape: PENTAGON },
  plaintext: { colour: '#9B7653', shape: 'triangle-right' },
};

/** For implementations that are not of this project, by the order of their names. */
const OTHERS: readonly Style[] = [
  { colour: '#158FA0', shape: BOW_TIE },
  { colour: '#C03A9B', shape: HOURGLASS },
  { colour: '#748319', shape: 'triangle-left' },
  { colour: '#5B7FBF', shape: HOUSE },
];

/** All of them, for tests of contrast and of what tells them apart. */
export const ALL_STYLES: readonly Style[] = [...Object.values(STYLES), ...OTHERS];

/** The styles of `impls`. */
export function stylesOf(impls: readonly string[]): ReadonlyMap<string, Style> {
  const unknown = [...new Set(impls)].filter((impl) => !(impl in STYLES)).sort();
  return new Map(impls.map((impl) => [impl, STYLES[impl] ?? OTHERS[unknown.indexOf(impl) % OTHERS.length]!]));
}

/** Of the phases, from dark to light, so that they differ without colour too. */
export const SHADES: readonly string[] = ['#27364b', '#6c8ebf', '#c9d8ee'];

/** Faint grounds of what is ahead and behind, as in the matrix: blue for the enclave, orange for cryptography. */
export const AHEAD = '#eaf2fb';
export const BEHIND = '#fdf3e7';
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
