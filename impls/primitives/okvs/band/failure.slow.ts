/** Failures of the band store fall by a constant factor per column of the band: measured and extrapolated. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frequency } from '../testing.ts';
import { BandStore } from './band.ts';
import { type BandExpansion, bandParameters } from './parameters.ts';

interface Point {
  readonly width: number;
  readonly security: number;
}

function measure(count: number, expansion: BandExpansion, width: number, tries: number): Point[] {
  const parameters = { ...bandParameters(count, expansion), width };
  const failures = frequency(
    (memory) => new BandStore(memory, parameters),
    count,
    tries,
    ({ ok }) => !ok,
  );
  // A point needs enough failures to be one, and enough successes.
  return failures < 20 || failures > tries * 0.6 ? [] : [{ width, security: -Math.log2(failures / tries) }];
}

/** Least squares: security = slope · width + start. */
function fit(points: readonly Point[]) {
  const mean = (of: (point: Point) => number) => points.reduce((sum, p) => sum + of(p), 0) / points.length;
  const [x, y] = [mean((p) => p.width), mean((p) => p.security)];
  const slope = mean((p) => (p.width - x) * (p.security - y)) / mean((p) => (p.width - x) ** 2);
  return { slope, start: y - slope * x };
}

test('security grows linearly with the width, and reaches more than 40 bits at the widths in use', () => {
  for (const [expansion, widths] of [
    [0.1, [24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64, 68, 72]],
    [0.05, [40, 48, 56, 64, 72, 80, 88, 96, 104]],
  ] as const) {
    for (const count of [2 ** 10, 2 ** 12]) {
      const points = widths.flatMap((width) => measure(count, expansion, width, 2 ** 24 / count));
      const { slope, start } = fit(points);
      const { width } = bandParameters(2 ** 20, expansion);
      // A doubling of the items costs about a bit.
      const at20 = slope * width + start - Math.log2(2 ** 20 / count);
      console.log(
        `${count} items, ${expansion} more columns: λ = ${slope.toFixed(3)}·w − ${(-start).toFixed(1)} ` +
          `(from ${points.map((p) => `${p.width}: ${p.security.toFixed(1)}`).join(', ')}); ` +
          `extrapolated to w = ${width} and 2^20 items ${at20.toFixed(0)} bits`,
      );
      assert.ok(points.length >= 4, 'enough points');
      for (const { width: w, security } of points) assert.ok(Math.abs(slope * w + start - security) < 0.8);
      assert.ok(at20 > 40);
    }
  }
});
