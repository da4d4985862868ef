/** How much faster one is than the others over links that were not measured: modelled, and called so. */
import type { Link } from '../../network/index.ts';
import { type Model, predict } from '../../network/model.ts';
import type { Point } from './point.ts';

/** Names the model of a point's implementation on its sets. */
export function modelKey(point: Pick<Point, 'dataset' | 'receiverSize' | 'senderSize' | 'label'>): string {
  return [point.dataset, point.receiverSize, point.senderSize, point.label].join('/');
}

/** Implementations of enclaves, and those of cryptography that have a model, by label. */
export function sidesOf(points: readonly Point[]): { readonly subjects: Point[]; readonly rivals: Point[] } {
  const once = (own: readonly Point[]) => [...new Map(own.map((point) => [point.label, point])).values()];
  return {
    subjects: once(points.filter((point) => point.isEnclave)),
    rivals: once(points.filter((point) => point.section === 'private' && !point.isEnclave)),
  };
}

/**
 * The modelled ratio over links: the fastest rival's time over the subject's, slowed down. Null when a model
 * is missing.
 */
export function modelledRatio(
  subject: Point,
  rivals: readonly Point[],
  models: Readonly<Record<string, Model>>,
  slowdown: number,
): { readonly ratio: (link: Link) => number; readonly worstError: number | null } | null {
  const own = models[modelKey(subject)];
  const others = rivals.map((rival) => models[modelKey(rival)]).filter((model) => model !== undefined);
  if (own === undefined || others.length === 0) return null;
  const all = [own, ...others];
  // Computing, overlap and duplex are three unknowns: fewer networks do not tell them.
  if (all.some(({ points }) => points.length < FEWEST_NETWORKS)) return null;
  return {
    ratio: (link) => ratioOver(own, others, link, slowdown),
    // Of networks that were held out: those that a model was fitted to it meets anyway.
    worstError: all.reduce<number | null>(
      (worst, { worstHeldOutError: error }) =>
        worst === null || error === null ? null : Math.max(worst, error),
      0,
    ),
  };
}

/** As many as the model has parameters. */
export const FEWEST_NETWORKS = 3;

/**
 * The fastest rival's modelled time over the subject's. Who needs more computing, more bytes and more
 * flights than another is ahead of it over no link, whatever the fit says.
 */
function ratioOver(own: Model, rivals: readonly Model[], link: Link, slowdown: number): number {
  const ratios = rivals.map((rival) => {
    const ratio = predict(rival, link) / (predict(own, link) * slowdown);
    if (dominates(rival, 1, own, slowdown)) return Math.min(1, ratio);
    return dominates(own, slowdown, rival, 1) ? Math.max(1, ratio) : ratio;
  });
  return Math.min(...ratios);
}

/** Whether `a`, slowed down, needs no more computing, flights and bytes than `b`, slowed down. */
function dominates(a: Model, slowdownA: number, b: Model, slowdownB: number): boolean {
  const bytes = ({ sentBytes }: Model) => sentBytes.reduce((sum, count) => sum + count, 0);
  return (
    computing(a) * slowdownA <= computing(b) * slowdownB && a.flights <= b.flights && bytes(a) <= bytes(b)
  );
}

/** As measured where there was no network; what the fit makes of it elsewhere. */
function computing({ points, computeMs }: Model): number {
  return points.find(({ link }) => link === null)?.measuredMs ?? computeMs;
}
