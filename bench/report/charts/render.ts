/**
 * Vega-Lite specification → SVG, without a browser, canvas, clock or chance: the same specification gives the
 * same bytes.
 */

import { escapeHtml } from '../page/html.ts';

/** The picture as an SVG file's text; the specification's `description` becomes its accessible name. */
export async function renderSvg(spec: object): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  // Ids of clip paths count up over the life of the process; files must not depend on that.
  vega.resetSVGDefIds();
  const { spec: compiled } = compile(spec as Parameters<typeof compile>[0]);
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Warn });
  const svg = await view.toSVG();
  view.finalize();
  const { description = '' } = spec as { readonly description?: string };
  return `${svg.replace('<svg ', `<svg role="img" aria-label="${escapeHtml(description)}" `)}\n`;
}
