/**
 * Vega-Lite specification → SVG, without a browser, canvas, clock or chance: the same specification gives the
 * same bytes.
 */

import { escapeHtml } from '../page/html.ts';

/** The picture as an SVG file's text; the specification's `description` becomes its accessible name. */
export async function renderSvg(spec: object): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  measureText(vega);
  // Ids of clip paths count up over the life of the process; files must not depend on that.
  vega.resetSVGDefIds();
  const { spec: compiled } = compile(spec as Parameters<typeof compile>[0]);
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Warn });
  const svg = await view.toSVG();
  view.finalize();
  const { description = '' } = spec as { readonly description?: string };
  return `${svg.replace('<svg ', `<svg role="img" aria-label="${escapeHtml(description)}" `)}\n`;
}

/** Width of a letter of Helvetica, on average, by the size of the font. */
const LETTER = 0.54;

/**
 * Without a canvas Vega takes letters to be wider than they are, and cuts labels that would fit; with one it
 * would measure the fonts of this machine, and the file would depend on them.
 */
function measureText(vega: object): void {
  const { textMetrics } = vega as {
    textMetrics: { width: (item: { readonly fontSize?: number }, text: unknown) => number };
  };
  textMetrics.width = (item, text) => Math.ceil(String(text ?? '').length * LETTER * (item.fontSize ?? 11));
}
