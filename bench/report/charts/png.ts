/**
 * Charts as PNG, for papers: SVG → pixels, by resvg in WebAssembly, with fonts that come along. Both are packages
 * that a report as such does without (optional peers). No font of the system is used, so the same chart gives
 * the same pixels on every machine.
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../errors.ts';

/** Nearly as wide as Helvetica, which the SVG files ask for: labels stay where they were placed. */
const FONT = 'DejaVu Sans Condensed';
const FACES = ['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf'];

/** Draws SVG text as a PNG file's bytes, `scale` pixels for each of its own. */
type Rasterise = (svg: string, scale: number) => Uint8Array;

/** The PNG file of every SVG file among `files`, by its name: `time-none.svg` → `time-none.png`. */
export async function renderPngs(
  files: ReadonlyMap<string, string | Uint8Array>,
  scale: number,
): Promise<Map<string, Uint8Array>> {
  const rasterise = await loadRasteriser();
  const charts = [...files].filter(([name]) => name.endsWith('.svg'));
  return new Map(charts.map(([name, svg]) => [name.replace(/svg$/, 'png'), rasterise(String(svg), scale)]));
}

let loading: Promise<Rasterise> | null = null;

/** @throws {UsageError} naming what to install where a package is missing */
function loadRasteriser(): Promise<Rasterise> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Rasterise> {
  const found = await Promise.all([
    import('@resvg/resvg-wasm'),
    readFile(fileURLToPath(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'))),
    ...FACES.map((face) => readFile(fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${face}`)))),
  ] as const).catch((cause: unknown) => {
    throw new UsageError(
      'PNG files need two packages that are not installed: npm install @resvg/resvg-wasm dejavu-fonts-ttf',
      { cause },
    );
  });
  const [{ initWasm, Resvg }, wasm, ...fontBuffers] = found;
  await initWasm(wasm);
  return (svg, scale) => {
    const picture = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: scale },
      font: { fontBuffers, defaultFontFamily: FONT, sansSerifFamily: FONT },
    });
    const image = picture.render();
    const png = image.asPng();
    image.free();
    picture.free();
    return png;
  };
}
