/** Vega-Lite specification → SVG, without a browser, canvas, clock or chance: the same specification gives the same bytes. */

/** The picture as an SVG file's text; `description` of the specification becomes its accessible name. */
export async function renderSvg(spec: object): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  // Ids of clip paths count up over the life of the process; files must not depend on that.
  vega.resetSVGDefIds();
  const { spec: compiled } = compile(spec as Parameters<typeof compile>[0]);
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Warn });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
