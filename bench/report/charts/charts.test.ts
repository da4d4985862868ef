import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Link } from '../../network/link.ts';
import { fitModel, type LinkObservation } from '../../network/model.ts';
import { syntheticFailure } from '../../testing/synthetic.ts';
import { wideRecord } from '../../testing/synthetic-wide.ts';
import { buildModel } from '../index.ts';
import { escapeHtml } from '../page/html.ts';
import { chartData } from './data.ts';
import { fromPixels, type Label, placeLabels, scaleFor, spread, toPixels } from './drawing/layout.ts';
import { sizeNames, ticks } from './drawing/series.ts';
import { ALL_STYLES, CARD, INK, stylesOf } from './drawing/style.ts';
import { DARK, inDark } from './drawing/theme.ts';
import { paretoFrontier } from './drawing/traffic.ts';
import { breakEvenNotes, listCharts } from './list.ts';
import { modelKey, modelledRatio } from './modelled-ratio.ts';
import { renderSvg } from './render.ts';

const record = wideRecord();
const data = chartData(buildModel([record]).machines[0]!);
const charts = listCharts(data);

interface Placed {
  readonly left: number;
  readonly right: number;
  readonly y: number;
  readonly text: string;
}

/** Texts of an SVG and about where they are, in pixels of the picture; those that are turned are left out. */
function textsOf(svg: string): Placed[] {
  const found: Placed[] = [];
  const places: [number, number][] = [];
  for (const [tag, slash, name, attributes, text] of svg.matchAll(/<(\/?)([a-z]+)([^>]*)>([^<]*)/g)) {
    if (slash) {
      if (name === 'g' || name === 'text') places.pop();
      continue;
    }
    if (name !== 'g' && name !== 'text') continue;
    const move = /translate\(([-\d.]+)[, ]([-\d.]+)\)/.exec(attributes!);
    const [x, y] = places.at(-1) ?? [0, 0];
    const at: [number, number] = [x + Number(move?.[1] ?? 0), y + Number(move?.[2] ?? 0)];
    if (!tag.endsWith('/>') && !attributes!.endsWith('/')) places.push(at);
    if (name !== 'text' || text === '' || attributes!.includes('rotate(')) continue;
    // Letters of Helvetica are about half as wide as high.
    const width = text!.length * 0.5 * Number(/font-size="([\d.]+)px"/.exec(attributes!)?.[1] ?? 11);
    const anchor =
      { start: 0, middle: 0.5, end: 1 }[/text-anchor="(\w+)"/.exec(attributes!)?.[1] ?? 'start'] ?? 0;
    found.push({ left: at[0] - anchor * width, right: at[0] + (1 - anchor) * width, y: at[1], text: text! });
  }
  return found;
}

test('runs that sent nothing are left out of the chart of bytes, and break no other', () => {
  const silent = wideRecord();
  const samples = silent.samples.map((sample) =>
    sample.outcome === 'ok' && sample.impl === 'hash'
      ? { ...sample, receiverSentBytes: 0, senderSentBytes: 0, helperSentBytes: null }
      : sample,
  );
  const all = listCharts(chartData(buildModel([{ ...silent, samples }]).machines[0]!));
  assert.equal(all.length, charts.length);
  const bytes = all.find(({ id }) => id === 'traffic-none')!;
  assert.doesNotMatch(bytes.alt, /hash/);
  assert.match(all.find(({ id }) => id === 'time-none')!.alt, /hash/);
  for (const { spec } of all) assert.doesNotMatch(JSON.stringify(spec), /null,null|NaN/);
});

describe('the charts of a wide record', () => {
  test('are all there', () => {
    assert.deepEqual(
      charts.map(({ id }) => id),
      [
        ...['ratio', 'time-none', 'time-lan', 'time-wan', 'traffic-none', 'traffic-lan', 'traffic-wan'],
        ...[
          'break-even-enclave-2-8',
          'break-even-enclave-2-12',
          'break-even-enclave-oblivious-2-8',
          'break-even-enclave-oblivious-2-12',
          'phases',
          'memory',
          'unbalanced',
        ],
      ],
    );
  });

  test('have the same bytes every time, whatever the clock, the zone and chance say', async (context) => {
    const first = await Promise.all(charts.slice(0, 2).map(({ spec }) => renderSvg(spec)));
    context.mock.timers.enable({ apis: ['Date'], now: 0 });
    context.mock.method(Math, 'random', () => 0.123);
    const zone = process.env.TZ;
    process.env.TZ = 'Asia/Kathmandu';
    try {
      const again = listCharts(chartData(buildModel([wideRecord()]).machines[0]!));
      assert.equal(await renderSvg(again[0]!.spec), first[0]);
      assert.equal(await renderSvg(again[1]!.spec), first[1]);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  for (const { id, alt, spec } of charts) {
    test(`${id}: paints its own card, says what it shows, and no label covers another`, async () => {
      const svg = await renderSvg(spec);
      assert.match(svg, /<rect width="[\d.]+" height="[\d.]+" fill="#ffffff"/);
      assert.ok(svg.includes(`aria-label="${escapeHtml(alt)}"`) && /\d/.test(alt) && alt.endsWith('.'), alt);
      assert.doesNotMatch(svg, /NaN|undefined|Infinity|null/);
      const texts = textsOf(svg);
      assert.ok(texts.length > 10);
      for (const [i, a] of texts.entries()) {
        for (const b of texts.slice(i + 1)) {
          // The halo of a label is the same text at the same place.
          if (a.text === b.text && a.left === b.left && a.y === b.y) continue;
          const touches =
            Math.abs(a.y - b.y) < 9 && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
          assert.ok(!touches, `"${a.text}" and "${b.text}", at ${a.left}, ${a.y}`);
        }
      }
    });
  }

  test('break-even maps stand where the order turns, and a sentence where it does not', () => {
    assert.deepEqual(breakEvenNotes(data), []);
    const ahead = breakEvenNotes(data, { slowdown: 1e-6 });
    assert.match(
      ahead[0]!,
      /^No break-even map of enclave \(simulated\): at the sizes that have a model \(2\^8, .*faster throughout: enclave \(simulated\) at 2\^8/,
    );
    assert.match(breakEvenNotes(data, { slowdown: 1e6 })[0]!, /faster throughout: cryptography at 2\^8/);
    const two = { ...data, points: data.points.filter(({ network }) => network !== 'wan'), models: {} };
    assert.match(breakEvenNotes(two)[0]!, /measured over the 3 networks/);
    for (const slowdown of [1e-6, 1e6]) {
      const maps = listCharts(data, { slowdown }).filter(({ id }) => id.startsWith('break-even'));
      assert.equal(maps.length, 0);
    }
  });

  test('whoever needs less computing, bytes and flights is ahead on every link', () => {
    const link = (bandwidthBps: number, rttMs: number) => ({ bandwidthBps, rttMs });
    const seen = (link: Link | null, wallMs: number): LinkObservation => ({
      link,
      wallMs,
      flights: 2,
      sentBytes: [1e6, 1e6],
    });
    // The rival is measured to compute less, and its noisy time over one network makes the fit think otherwise.
    const fits = (none: number, lan: number, wan: number) =>
      fitModel([seen(null, none), seen(link(1e9, 0.2), lan), seen(link(1e8, 20), wan)]);
    const [own, rival] = [fits(30, 50, 200), fits(29, 90, 260)];
    const base = data.points.find(({ isEnclave }) => isEnclave)!;
    const other = { ...base, label: 'rival', isEnclave: false, section: 'private' as const };
    const model = modelledRatio(base, [other], { [modelKey(base)]: own, [modelKey(other)]: rival }, 1)!;
    for (const bandwidthBps of [1e6, 1e8, 1e10])
      for (const rttMs of [0.1, 20, 400]) assert.ok(model.ratio({ bandwidthBps, rttMs }) <= 1);
  });

  test('draw what is not private or simulated dashed and hollow, and say which', async () => {
    const svg = await renderSvg(charts.find(({ id }) => id === 'time-none')!.spec);
    assert.equal(svg.match(/stroke-dasharray="5,4"/g)!.length, 4);
    for (const name of [
      'enclave (simulated)',
      'enclave-oblivious (simulated)',
      'hash (not private)',
      'plaintext (third party)',
    ])
      assert.ok(svg.includes(`>${name}<`), name);
    assert.ok(svg.includes('>ecdh<') && svg.includes('>kkrt<'));
  });

  test('mark what has no result, and say so beside its name', async () => {
    const { samples, ...rest } = record;
    const head = samples.find(
      ({ impl, receiverSize, network }) => impl === 'seal' && receiverSize === 2 ** 8 && network === 'lan',
    )!;
    const skipped = syntheticFailure('skipped', {
      ...head,
      receiverSize: 2 ** 20,
      senderSize: 2 ** 20,
      cell: 'x',
      reason: 'over budget',
    });
    const chart = listCharts(
      chartData(buildModel([{ ...rest, samples: [...samples, skipped] }]).machines[0]!),
    ).find(({ id }) => id === 'time-lan')!;
    assert.match(chart.alt, /No result: seal skipped at 2\^20\.$/);
    assert.match(await renderSvg(chart.spec), />seal · skipped at 2²⁰ \(×\)</);
  });

  test('leave out a cell with a failed run', () => {
    const { samples, ...rest } = record;
    const head = samples.find((sample) => sample.impl === 'hash' && sample.receiverSize === 2 ** 12)!;
    const failure = syntheticFailure('wrong', { ...head, sample: 99, reason: 'not what it should be' });
    const { points } = chartData(buildModel([{ ...rest, samples: [...samples, failure] }]).machines[0]!);
    assert.equal(points.length, data.points.length - 1);
    assert.ok(
      !points.some(
        (point) => point.impl === 'hash' && point.receiverSize === 2 ** 12 && point.network === 'none',
      ),
    );
  });
});

/** Of two colours as the eye takes them, roughly (weighted RGB, Riemersma's "redmean"). */
function distance(a: string, b: string): number {
  const [x, y] = [a, b].map((hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
  const [r, g, blue] = [0, 1, 2].map((i) => x![i]! - y![i]!);
  const mean = (x![0]! + y![0]!) / 2;
  return Math.sqrt((2 + mean / 256) * r! ** 2 + 4 * g! ** 2 + (2 + (255 - mean) / 256) * blue! ** 2);
}

describe('colours', () => {
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (a: string, b: string) => {
    const [x, y] = [luminance(a), luminance(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  };
  for (const { colour } of ALL_STYLES) {
    test(`${colour} has a contrast of 3:1 on white and on GitHub's dark background`, () => {
      for (const background of ['#ffffff', '#0d1117']) {
        assert.ok(contrast(colour, background) >= 3, `${contrast(colour, background)} on ${background}`);
      }
    });
  }

  test('every implementation has a shape of its own, for whoever sees no colours, and a colour of its own', () => {
    assert.equal(new Set(ALL_STYLES.map(({ shape }) => shape)).size, ALL_STYLES.length);
    for (const [i, a] of ALL_STYLES.entries()) {
      for (const b of ALL_STYLES.slice(i + 1))
        assert.ok(distance(a.colour, b.colour) > 30, `${a.colour} ${b.colour}`);
    }
  });

  test('on a dark card no colour of the light one is left, and what must differ still does', () => {
    const light = Object.keys(DARK);
    for (const { spec } of charts) {
      const text = JSON.stringify(inDark(spec));
      for (const colour of light)
        assert.ok(!text.includes(`"${colour}"`) || Object.values(DARK).includes(colour));
    }
    assert.equal(new Set(Object.values(DARK)).size, light.length);
    for (const { colour } of ALL_STYLES) assert.ok(contrast(colour, DARK[CARD]!) >= 3, colour);
    assert.ok(contrast(DARK[INK]!, DARK[CARD]!) >= 7);
  });

  test('colour and marker are those of the implementation, whoever stands beside it', () => {
    const ids = [
      'enclave',
      'enclave-oblivious',
      'ecdh',
      'kkrt',
      'seal',
      'rr22',
      'circuit',
      'gc',
      'hash',
      'plaintext',
    ];
    const styles = stylesOf([...ids, 'mine', 'yours']);
    for (const part of ['colour', 'shape'] as const) {
      assert.equal(new Set(ids.map((id) => styles.get(id)![part])).size, ids.length);
    }
    assert.deepEqual(stylesOf(['ecdh']).get('ecdh'), styles.get('ecdh'));
    assert.notDeepEqual(styles.get('mine'), styles.get('yours'));
  });
});

describe('layout', () => {
  test('labels are moved apart, in order, and no further than needed', () => {
    assert.deepEqual(spread([10, 100], 15, 300), [10, 100]);
    assert.deepEqual(spread([100, 100, 100], 15, 300), [85, 100, 115]);
    assert.deepEqual(spread([0, 2, 300], 15, 300), [0, 15, 300]);
    const many = spread([5, 9, 4, 8, 7, 6, 3, 2], 15, 300).toSorted((a, b) => a - b);
    for (let i = 1; i < many.length; i++) assert.ok(many[i]! - many[i - 1]! >= 15 - 1e-9);
  });

  test('labels beside points do not cover each other', () => {
    const labels = Array.from(
      { length: 8 },
      (_, i): Label => ({ x: 100 + i, y: 50 + (i % 3), text: 'a label' }),
    );
    const places = placeLabels(labels, 300).toSorted((a, b) => a - b);
    for (let i = 1; i < places.length; i++) assert.ok(places[i]! - places[i - 1]! >= 14);
    assert.deepEqual(
      placeLabels(
        [
          { x: 0, y: 5, text: 'a' },
          { x: 200, y: 5, text: 'b' },
        ],
        300,
      ),
      [5, 5],
    );
  });

  test('scales go there and back', () => {
    for (const log of [true, false]) {
      const scale = scaleFor([3, 700], log, 340);
      assert.ok(scale.domain[0] <= 3 && scale.domain[1] >= 700);
      for (const value of [3, 50, 700]) {
        assert.ok(Math.abs(fromPixels(toPixels(value, scale), scale) / value - 1) < 1e-9);
      }
    }
  });

  test('ticks and names of sizes', () => {
    assert.deepEqual(ticks([0.5, 2000]), [1, 10, 100, 1000]);
    assert.deepEqual(ticks([1, 20]), [1, 2, 5, 10, 20]);
    assert.deepEqual(sizeNames([8, 1024, 1000]), { 8: '8', 1024: '2¹⁰', 1000: '1000' });
  });
});

test('the frontier has what nothing beats in bytes and time both', () => {
  const point = (name: string, bytes: number, ms: number) => ({ name, bytes, ms });
  const all = [
    point('a', 1, 9),
    point('b', 2, 9),
    point('c', 3, 4),
    point('d', 3, 5),
    point('e', 8, 1),
    point('f', 9, 2),
  ];
  assert.deepEqual(
    paretoFrontier(all).map(({ name }) => name),
    ['a', 'c', 'e'],
  );
  assert.deepEqual(paretoFrontier([]), []);
});
