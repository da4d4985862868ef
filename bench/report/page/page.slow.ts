/** The page in a browser: Chromium, where there is one. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { elsewhere, wideRecord } from '../../testing/synthetic-wide.ts';
import { buildModel } from '../index.ts';
import { renderPage } from './index.ts';

const CHROMIUM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  process.env.CHROMIUM,
]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));
const skip = CHROMIUM === undefined && 'there is no Chromium: install it, or name it in CHROMIUM';

/** What is used of axe-core, which runs inside the page. */
interface Axe {
  run(): Promise<{
    readonly violations: readonly { id: string; impact: string; nodes: readonly { html: string }[] }[];
    readonly passes: readonly unknown[];
  }>;
}

/** One machine, and two. */
const PAGES = {
  one: renderPage(buildModel([wideRecord()])),
  two: renderPage(buildModel([wideRecord(), elsewhere(wideRecord('synthetic-wide-2'))])),
};

describe('in a browser', { skip }, () => {
  let folder: string;
  let browser: Browser;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'psi-bench-page-'));
    for (const [name, html] of Object.entries(PAGES)) await writeFile(join(folder, `${name}.html`), html);
    const { chromium } = await import('playwright-core');
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the page and fails on any error, and on any request but for the file itself. */
  async function open(
    options: object = {},
    { name = 'one', hash = '' }: { name?: keyof typeof PAGES; hash?: string } = {},
  ): Promise<{ page: Page; problems: string[] }> {
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    const problems: string[] = [];
    const page = await browser.newPage(options);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => {
      if (request.url().replace(/#.*$/, '') !== url && !request.url().startsWith('blob:'))
        problems.push(`asked for ${request.url()}`);
    });
    await page.goto(url + hash);
    return { page, problems };
  }

  for (const [name, colorScheme, hash] of [
    ['one', 'light', ''],
    ['one', 'dark', ''],
    ['two', 'light', '#with=2'],
    ['two', 'dark', '#with=2'],
  ] as const) {
    test(`axe finds nothing serious: ${name}, ${colorScheme}`, async () => {
      const { page } = await open({ colorScheme, bypassCSP: true }, { name, hash });
      const source = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
      await page.addScriptTag({ path: source });
      const { violations, passes } = await page.evaluate(() =>
        (globalThis as unknown as { axe: Axe }).axe.run(),
      );
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      assert.deepEqual(
        serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html: node }) => node).join(' ')}`),
        [],
      );
      assert.ok(passes.length > 20, `only ${passes.length} rules were applied`);
      await page.close();
    });
  }

  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    test(`the verdict is on the first screen, ${viewport.width} × ${viewport.height}`, async () => {
      const { page } = await open({ viewport });
      const bottoms = await page
        .locator('#matrix-0-0-warm tbody tr:last-child, [data-host="0"] .finding')
        .evaluateAll((all) => all.map((element) => element.getBoundingClientRect().bottom));
      assert.ok(bottoms.length >= 2);
      assert.ok(Math.max(...bottoms) <= viewport.height, `${bottoms}`);
      await page.close();
    });
  }

  test('two machines: one is chosen, two stand side by side, and the address says so', async () => {
    const { page, problems } = await open({}, { name: 'two' });
    const shown = () => page.locator('section[data-host]:visible').evaluateAll((all) => all.length);
    assert.equal(await shown(), 1);
    assert.equal(await page.locator('#comparison:visible').count(), 0);
    await page.locator('#other').selectOption({ index: 2 });
    assert.match(page.url(), /#with=2$/);
    const facts = await page.locator('#pair-facts').textContent();
    assert.match(facts!, /cores/);
    const ratios = await page.locator('#pair-times tbody td:last-child').allTextContents();
    assert.ok(ratios.length > 50);
    // Everything takes twice as long there, within the noise of neither: they are the same made-up times.
    for (const ratio of ratios) assert.match(ratio, /^2\.00 × \[1\.9\d … 2\.0\d\]$/);
    const before = await page.locator('#results tbody tr:visible td:nth-child(8)').first().textContent();
    await page.locator('#host').selectOption({ index: 1 });
    assert.match(page.url(), /part=2/);
    assert.equal(await page.locator('#comparison:visible').count(), 0);
    const after = await page.locator('#results tbody tr:visible td:nth-child(8)').first().textContent();
    assert.notEqual(after, before);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test('charts lie on dark cards in the dark theme', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    await page.waitForSelector('#charts svg');
    const cards = await page
      .locator('#charts svg')
      .evaluateAll((all) => all.map((svg) => getComputedStyle(svg).backgroundColor));
    assert.ok(cards.length > 3);
    assert.deepEqual([...new Set(cards)], ['rgb(21, 27, 35)']);
    await page.close();
  });

  const verdicts = (page: Page) => page.locator('#claims .verdict').allTextContents();

  test('the slider turns verdicts by the same rule, and the charts follow', async () => {
    const { page, problems } = await open();
    await page.waitForSelector('#charts svg');
    const alone = await page.locator('#tally').textContent();
    assert.match(alone!, /as measured: 26 supported, 2 refuted, 0 undecided/);
    const before = await verdicts(page);
    const map = page.locator('[id^=chart-break-even-enclave-2] figcaption').first();
    const caption = await map.textContent();
    await page.locator('#slowdown').fill('75');
    assert.equal(await page.locator('#factor').inputValue(), '31.6');
    assert.match(
      (await page.locator('#tally').textContent())!,
      /31\.6 times as long: 0 supported, 28 refuted/,
    );
    assert.notDeepEqual(await verdicts(page), before);
    const notes = page.locator('#chart-notes');
    assert.match((await notes.textContent())!, /No break-even map of enclave/);
    await page.locator('#factor').fill('2');
    await page.locator('#factor').press('Enter');
    assert.match((await map.textContent())!, /slowed down 2\.0 ×/);
    assert.notEqual(await map.textContent(), caption);
    // Hash comparison is no enclave: nothing slows it down.
    const hash = page.locator('#claims tr', { hasText: 'hash is faster than the fastest' });
    assert.deepEqual([...new Set(await hash.locator('.verdict').allTextContents())], ['supported']);
    await page.locator('#factor').fill('1');
    await page.locator('#factor').press('Enter');
    assert.deepEqual(await verdicts(page), before);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test('choices narrow charts, claims and results; axes can be linear', async () => {
    const { page, problems } = await open();
    const charts = () => page.locator('#charts figure').evaluateAll((all) => all.map((figure) => figure.id));
    const all = await charts();
    assert.ok(all.includes('chart-time-wan') && all.includes('chart-unbalanced'));
    await page.locator('#networks').getByLabel('wan').uncheck();
    assert.ok(!(await charts()).includes('chart-time-wan'));
    const networks = await page.locator('#results tbody tr:visible td:nth-child(7)').allTextContents();
    assert.deepEqual([...new Set(networks)], ['none', 'lan']);
    await page.locator('#impls').getByLabel('ecdh').uncheck();
    assert.equal(await page.locator('#results tbody tr:visible', { hasText: 'ecdh' }).count(), 0);
    await page.getByLabel('linear', { exact: true }).check();
    await page.waitForSelector('#charts svg');
    for (const box of await page.locator('#sizes input').all()) await box.uncheck();
    assert.match((await page.locator('#charts').textContent())!, /Nothing is left to draw/);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test('the table sorts by key, says so, and exports what is shown, unrounded', async () => {
    const { page, problems } = await open();
    const times = async () =>
      (await page
        .locator('#results tbody tr td:nth-child(8)')
        .evaluateAll((cells) =>
          cells.map((cell) => Number((cell as HTMLElement).dataset.value)),
        )) as number[];
    const button = page.locator('#results th button', { hasText: 'time' });
    await button.focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(
      await times(),
      (await times()).toSorted((a, b) => a - b),
    );
    assert.equal(await page.locator('#results th[aria-sort]').getAttribute('aria-sort'), 'ascending');
    assert.match((await page.locator('#announce').textContent())!, /Sorted by time, ascending/);
    await page.keyboard.press('Space');
    assert.deepEqual(
      await times(),
      (await times()).toSorted((a, b) => b - a),
    );
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#export').click()]);
    const text = (await (await download.createReadStream()).toArray()).join('');
    assert.match(text, /^implementation,guarantee,data set,mode,receiver_size,sender_size,network,wall_ms,/);
    assert.equal(text.trim().split('\n').length, 1 + (await times()).length);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test('without scripts the tables are there, and nothing that needs one', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    assert.ok((await page.locator('#claims tbody tr:visible').count()) > 50);
    assert.ok((await page.locator('#results tbody tr:visible').count()) > 50);
    assert.equal(await page.locator('#choices:visible, #export:visible, #charts:visible').count(), 0);
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`on a phone nothing is wider than the screen; text has contrast (${colorScheme})`, async () => {
      const { page, problems } = await open({ colorScheme, viewport: { width: 360, height: 800 } });
      await page.waitForSelector('#charts svg');
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
      const low = await page.evaluate(lowContrast);
      assert.deepEqual(low, []);
      assert.ok((await page.screenshot()).length > 10_000);
      assert.deepEqual(problems, []);
      await page.close();
    });
  }

  test('every control has a name, every table headers, every picture a text', async () => {
    const { page } = await open();
    await page.waitForSelector('#charts svg');
    const nameless = await page.evaluate(() => {
      const controls = [...document.querySelectorAll<HTMLInputElement>('input, select, button')];
      const named = (control: HTMLInputElement) =>
        (
          control.labels?.[0]?.textContent ??
          control.getAttribute('aria-label') ??
          control.textContent ??
          ''
        ).trim();
      const wrong = controls.filter((control) => named(control) === '').map((control) => control.outerHTML);
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      wrong.push(...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `id ${id} twice`));
      for (const table of document.querySelectorAll('table')) {
        const label = document.getElementById(table.getAttribute('aria-labelledby') ?? '');
        if (label === null || table.querySelectorAll('th[scope=col]').length === 0)
          wrong.push(`table ${table.id}`);
      }
      for (const svg of document.querySelectorAll('#charts svg')) {
        if (!svg.querySelector('[aria-label]') && !svg.getAttribute('aria-label'))
          wrong.push('a chart without text');
      }
      return wrong;
    });
    assert.deepEqual(nameless, []);
    await page.close();
  });
});

/** Runs in the page: texts whose contrast with what is behind them is below 4.5:1 (WCAG 2.2, 1.4.3). */
function lowContrast(): string[] {
  const parse = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (colour: string) => {
    const [r, g, b] = parse(colour)
      .slice(0, 3)
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const behind = (from: Element | null): string => {
    for (let at = from; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (parse(backgroundColor)[3] !== 0) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = new Set<string>();
  for (const element of document.querySelectorAll(
    'h1, h2, p, li, td, th, button, label, legend, figcaption, code',
  )) {
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.add(`${element.tagName} ${element.className}: ${contrast.toFixed(2)}`);
  }
  return [...found];
}
