import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { syntheticRecord } from '../../testing/synthetic.ts';
import { buildModel } from '../index.ts';
import { chartData } from './data.ts';
import { listCharts } from './list.ts';
import { renderPngs } from './png.ts';
import { renderSvg } from './render.ts';

interface Picture {
  readonly width: number;
  readonly height: number;
  /** How dark a pixel is: 0 white, 255 black. */
  readonly dark: (x: number, y: number) => number;
}

/** Reads a PNG of 8 bits a channel, RGBA, not interlaced (ISO/IEC 15948, filters of section 9). */
function decode(png: Uint8Array): Picture {
  const file = Buffer.from(png);
  assert.equal(file.toString('latin1', 1, 4), 'PNG');
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  assert.deepEqual([...file.subarray(24, 29)], [8, 6, 0, 0, 0]);
  const data: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(data));
  const row = width * 4;
  const pixels = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)];
    for (let i = 0; i < row; i++) {
      const left = i < 4 ? 0 : (pixels[y * row + i - 4] ?? 0);
      const up = pixels[(y - 1) * row + i] ?? 0;
      const corner = i < 4 ? 0 : (pixels[(y - 1) * row + i - 4] ?? 0);
      const paeth = [left, up, corner].toSorted(
        (a, b) => Math.abs(left + up - corner - a) - Math.abs(left + up - corner - b),
      )[0];
      const guess = [0, left, up, (left + up) >> 1, paeth][filter ?? 0] ?? 0;
      pixels[y * row + i] = (raw[y * (row + 1) + 1 + i] ?? 0) + guess;
    }
  }
  return { width, height, dark: (x, y) => 255 - (pixels[y * row + 4 * x] ?? 255) };
}

test('text is drawn, with the font that comes along, and larger at twice the scale', async () => {
  const text =
    '<text x="10" y="30" font-family="Helvetica, Arial, sans-serif" font-size="20">2²⁰ items µs ÷ ×</text>';
  const svg = (inner: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><rect width="200" height="40" fill="#ffffff"/>${inner}</svg>`;
  const inkOf = async (inner: string, scale: number) => {
    const { width, height, dark } = decode(
      (await renderPngs(new Map([['a.svg', svg(inner)]]), scale)).get('a.png')!,
    );
    assert.deepEqual([width, height], [200 * scale, 40 * scale]);
    const columns = Array.from(
      { length: width },
      (_, x) => Array.from({ length: height }, (_, y) => dark(x, y)).filter((value) => value > 128).length,
    );
    return {
      ink: columns.reduce((sum, count) => sum + count, 0),
      last: columns.findLastIndex((count) => count > 0),
    };
  };
  assert.deepEqual(await inkOf('', 1), { ink: 0, last: -1 });
  const [once, twice] = [await inkOf(text, 1), await inkOf(text, 2)];
  assert.ok(once.ink > 200, `${once.ink} dark pixels`);
  assert.ok(twice.ink > 3 * once.ink && twice.ink < 5 * once.ink);
  // 16 letters of about half their height.
  assert.ok(once.last > 120 && once.last < 190, `ends at ${once.last}`);
});

test('every chart becomes a picture of its size, with its title in ink; other files become none', async () => {
  const [chart] = listCharts(chartData(buildModel([syntheticRecord()]).machines[0]!));
  const svg = await renderSvg(chart!.spec);
  const files = await renderPngs(
    new Map([
      ['report.md', '# text'],
      ['time.svg', svg],
    ]),
    2,
  );
  assert.deepEqual([...files.keys()], ['time.png']);
  const { width, height, dark } = decode(files.get('time.png')!);
  const [, w, h] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  assert.deepEqual([width, height], [2 * Number(w), 2 * Number(h)]);
  let ink = 0;
  for (let y = 20; y < 60; y++) for (let x = 20; x < 500; x++) if (dark(x, y) > 128) ink++;
  assert.ok(ink > 1000, `${ink} dark pixels where the title is`);
});
