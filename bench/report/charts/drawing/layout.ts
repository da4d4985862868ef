/** Places labels so that none covers another, in pixels, before a chart is drawn. */

/** A scale from values to pixels, and back. */
export interface AxisScale {
  readonly domain: readonly [number, number];
  readonly log: boolean;
  readonly pixels: number;
}

/**
 * A scale around `values` with some room; logarithmic domains end at whole steps of a 1–2–5 series, of bytes in
 * units of 1024.
 */
export function scaleFor(
  values: readonly number[],
  log: boolean,
  pixels: number,
  unit: 'time' | 'bytes' = 'time',
): AxisScale {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (!log) return { domain: [0, high * 1.05 || 1], log, pixels };
  const nice = unit === 'bytes' ? niceBytes : niceStep;
  return { domain: [nice(low / 1.02, false), nice(high * 1.02, true)], log, pixels };
}

function niceBytes(value: number, up: boolean): number {
  const size = 2 ** (10 * Math.max(0, Math.min(3, Math.floor(Math.log2(Math.max(1, value)) / 10))));
  // After 500 of a unit comes 1024, which is 1 of the next.
  return (
    Math.min(niceStep(value / size, up), up && value / size > 500 ? 1024 : Number.POSITIVE_INFINITY) * size
  );
}

function niceStep(value: number, up: boolean): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10].map((step) => step * power);
  return up ? steps.find((step) => step >= value)! : steps.findLast((step) => step <= value)!;
}

/** Where `value` is, in pixels from the axis' low end. */
export function toPixels(value: number, { domain, log, pixels }: AxisScale): number {
  const [low, high] = domain;
  if (log) return (pixels * Math.log(value / low)) / Math.log(high / low);
  return (pixels * (value - low)) / (high - low);
}

/** The value at `pixel`: the inverse of {@link toPixels}. */
export function fromPixels(pixel: number, { domain, log, pixels }: AxisScale): number {
  const [low, high] = domain;
  return log ? low * (high / low) ** (pixel / pixels) : low + ((high - low) * pixel) / pixels;
}

/** Moves `places` apart until neighbours are `gap` pixels from each other, within 0 to `pixels` if they fit. */
export function spread(places: readonly number[], gap: number, pixels: number): number[] {
  const order = places.map((_, i) => i).sort((a, b) => places[a]! - places[b]! || a - b);
  // Blocks of labels that touch; each block is centred on what its labels want, as far as the edges let it.
  const blocks: { members: number[]; start: number }[] = [];
  const settle = (members: number[]) => {
    const wanted = members.reduce((sum, i, k) => sum + places[i]! - k * gap, 0) / members.length;
    const room = pixels - (members.length - 1) * gap;
    return { members, start: Math.max(0, Math.min(wanted, Math.max(0, room))) };
  };
  for (const i of order) {
    let block = settle([i]);
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      if (last.start + last.members.length * gap <= block.start) break;
      blocks.pop();
      block = settle([...last.members, ...block.members]);
    }
    blocks.push(block);
  }
  const result = new Array<number>(places.length).fill(0);
  for (const { members, start } of blocks) {
    members.forEach((i, k) => {
      result[i] = start + k * gap;
    });
  }
  return result;
}

/** A text beside a point. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Height of a line of text, and a generous mean width of its letters. */
const LINE = 14;
const LETTER = 6.4;

/**
 * Where labels go that begin to the right of their points: as near to their height as the others let them.
 * Returns heights in the order given.
 */
export function placeLabels(labels: readonly Label[], pixels: number): number[] {
  const placed: { left: number; right: number; y: number }[] = [];
  const result = new Array<number>(labels.length).fill(0);
  const order = labels.map((_, i) => i).sort((a, b) => labels[a]!.y - labels[b]!.y || a - b);
  for (const i of order) {
    const { x, y, text } = labels[i]!;
    const [left, right] = [x, x + 12 + text.length * LETTER];
    const isFree = (at: number) =>
      placed.every((other) => other.right < left || other.left > right || Math.abs(other.y - at) >= LINE);
    let at = y;
    for (let step = 1; !isFree(at) && step < 400; step++) {
      const moved = y + (step % 2 === 0 ? -1 : 1) * Math.ceil(step / 2) * 2;
      if (moved >= 0 && moved <= pixels) at = moved;
    }
    placed.push({ left, right, y: at });
    result[i] = at;
  }
  return result;
}
