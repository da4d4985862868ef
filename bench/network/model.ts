/**
 * A model of what a protocol takes over a network, fitted to what was measured over some, to predict
 * the others. What it says was not measured, and whoever prints it says so.
 *
 *     wall = compute + flights · RTT/2 + transfer − overlap · min(compute, transfer)
 *     transfer = (bytes of the busiest direction + (1 − duplex) · bytes of the others) / bandwidth
 *
 * Flights and bytes are counted, not fitted. `compute` is what remains on a network without cost.
 * `duplex` says how far the directions are busy at the same time (0: one after the other, 1: all at
 * once), `overlap` how far the parties compute while bytes are on their way (0: transfer adds to
 * compute, 1: the longer one hides the shorter). A flight's latency hides nothing: its number counts
 * only messages that had to wait for one another.
 */
import { type Link, serialisationMs } from './link.ts';

/** One implementation on one pair of sets over one network: medians of the runs that count. */
export interface LinkObservation {
  /** What the link is: as calibrated where that is known. Null for the bare loopback. */
  readonly link: Link | null;
  readonly wallMs: number;
  readonly flights: number;
  /** Bytes sent by each party: with two of them, those of each direction of their link. */
  readonly sentBytes: readonly number[];
}

/** How the model does at a network that was measured. */
export interface FitPoint {
  readonly link: Link | null;
  readonly measuredMs: number;
  readonly modelledMs: number;
  /** modelled / measured − 1. A model with as many parameters as points meets them all: see the next. */
  readonly relativeError: number;
  /** The same, of a model fitted to the other networks alone; null when there is no other. */
  readonly heldOutError: number | null;
}

export interface Model {
  readonly computeMs: number;
  /** 0 to 1; 0 unless at least two networks were measured. */
  readonly overlap: number;
  /** 0 to 1; 0 unless at least three were. */
  readonly duplex: number;
  readonly flights: number;
  readonly sentBytes: readonly number[];
  readonly points: readonly FitPoint[];
  /** The largest |relativeError| of the points. */
  readonly worstError: number;
  /** The largest |heldOutError|; null with a single point. */
  readonly worstHeldOutError: number | null;
}

type Parameters = Pick<Model, 'computeMs' | 'overlap' | 'duplex' | 'flights' | 'sentBytes'>;

/** Steps in which `overlap` and `duplex` are searched. */
const STEPS = 20;
/** Among parameters that fit alike the smaller ones win: they predict the longer time. */
const PREFERENCE = 1e-7;

/**
 * Fits the model to the cells of one implementation on one pair of sets, one per network. The more
 * networks, the more is fitted: `compute` alone from one, `overlap` too from two, `duplex` too from
 * three. Least squares of the relative errors.
 * @throws RangeError without cells, or when they differ in flights or parties, or a time is not positive
 */
export function fitModel(cells: readonly LinkObservation[]): Model {
  assertAlike(cells);
  const parameters = fit(cells);
  const points = cells.map((cell): FitPoint => {
    const modelledMs = predict(parameters, cell.link);
    const others = cells.filter((other) => other !== cell);
    const heldOut = others.length === 0 ? null : predict(fit(others), cell.link);
    return {
      link: cell.link,
      measuredMs: cell.wallMs,
      modelledMs,
      relativeError: modelledMs / cell.wallMs - 1,
      heldOutError: heldOut === null ? null : heldOut / cell.wallMs - 1,
    };
  });
  const heldOut = points.flatMap(({ heldOutError }) =>
    heldOutError === null ? [] : [Math.abs(heldOutError)],
  );
  return {
    ...parameters,
    points,
    worstError: Math.max(...points.map(({ relativeError }) => Math.abs(relativeError))),
    worstHeldOutError: heldOut.length === 0 ? null : Math.max(...heldOut),
  };
}

/** Modelled wall time in ms over `link`; null: the bare loopback. */
export function predict(model: Parameters, link: Link | null): number {
  if (link === null) return model.computeMs;
  const transferMs = serialisationMs(bytesInTurn(model.sentBytes, model.duplex), link);
  const hidden = model.overlap * Math.min(model.computeMs, transferMs);
  return model.computeMs + (model.flights * link.rttMs) / 2 + transferMs - hidden;
}

/** What a network adds to the wall time at most, in ms: nothing of it hidden. */
export function networkCostMs(
  { flights, sentBytes }: Pick<LinkObservation, 'flights' | 'sentBytes'>,
  link: Link | null,
): number {
  return predict({ computeMs: 0, overlap: 0, duplex: 0, flights, sentBytes }, link);
}

function bytesInTurn(sentBytes: readonly number[], duplex: number): number {
  const total = sentBytes.reduce((sum, bytes) => sum + bytes, 0);
  const busiest = Math.max(0, ...sentBytes);
  return busiest + (1 - duplex) * (total - busiest);
}

function fit(cells: readonly LinkObservation[]): Parameters {
  // Bytes may differ by a little between runs (random tables): the first network's are as good as any.
  const { flights, sentBytes } = firstOf(cells);
  const overlaps = cells.length >= 2 ? STEPS : 0;
  const duplexes = cells.length >= 3 ? STEPS : 0;
  let best: Parameters | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= overlaps; i++) {
    for (let j = 0; j <= duplexes; j++) {
      const overlap = i / STEPS;
      const duplex = j / STEPS;
      const errorOf = (computeMs: number) =>
        squaredError({ computeMs, overlap, duplex, flights, sentBytes }, cells);
      const computeMs = minimum(errorOf, Math.max(...cells.map(({ wallMs }) => wallMs)));
      const error = errorOf(computeMs) + PREFERENCE * (overlap + duplex);
      if (error >= least) continue;
      least = error;
      best = { computeMs, overlap, duplex, flights, sentBytes };
    }
  }
  return best!;
}

function squaredError(parameters: Parameters, cells: readonly LinkObservation[]): number {
  return cells.reduce((sum, { link, wallMs }) => sum + (predict(parameters, link) / wallMs - 1) ** 2, 0);
}

/**
 * Where `f` is least between 0 and `high`: a scan and a ternary search around its best point, as `f`
 * may have more than one valley (`min` in the model has a corner).
 */
function minimum(f: (x: number) => number, high: number): number {
  const cuts = 32;
  let at = 0;
  for (let i = 1; i <= cuts; i++) if (f((i * high) / cuts) < f((at * high) / cuts)) at = i;
  let [left, right] = [(Math.max(0, at - 1) * high) / cuts, (Math.min(cuts, at + 1) * high) / cuts];
  for (let i = 0; i < 60; i++) {
    const third = (right - left) / 3;
    if (f(left + third) <= f(right - third)) right -= third;
    else left += third;
  }
  return (left + right) / 2;
}

function firstOf([first]: readonly LinkObservation[]): LinkObservation {
  if (!first) throw new RangeError('a model needs at least one measured cell');
  return first;
}

function assertAlike(cells: readonly LinkObservation[]): void {
  const first = firstOf(cells);
  for (const { wallMs, flights, sentBytes } of cells) {
    if (!(wallMs > 0)) throw new RangeError(`"wallMs" expected a positive time, got ${wallMs}`);
    if (flights !== first.flights || sentBytes.length !== first.sentBytes.length) {
      throw new RangeError(
        'a model is fitted to one protocol: cells that differ in flights or parties are not',
      );
    }
  }
}
