import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wideRecord } from '../../testing/synthetic-wide.ts';
import { buildModel } from '../index.ts';
import { renderPage } from './index.ts';

const html = renderPage(buildModel([wideRecord()]));

test('the page is one file: it fetches nothing, and is below 2 MB', () => {
  assert.ok(html.length < 2e6, `${html.length} bytes`);
  const markup = html.replace(/<script[\s\S]*?<\/script>/g, '');
  assert.doesNotMatch(markup, /\b(src|href)=|url\(|@import/);
  assert.match(markup, /default-src 'none'/);
  assert.equal(renderPage(buildModel([wideRecord()])), html);
});

test('text of the record cannot become markup or end the script', () => {
  const record = wideRecord();
  const evil = '</script><img src=x onerror=alert(1)>';
  const environment = { ...record.environment, host: { ...record.environment.host, cpu: evil } };
  const page = renderPage(buildModel([{ ...record, environment }]));
  assert.ok(!page.includes('<img'));
  assert.equal(page.match(/<\/script>/g)!.length, 4);
});
