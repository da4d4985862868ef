import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splice } from './splice.ts';

const REPORT = '# Title\n\n## The answer\n\n| a |\n\ntext\n\n## Claims\n\nmore\n';
const MARKED = 'before\n<!-- figures: npm run figures -->\nold\n<!-- /figures -->\nafter\n';

test('the answer stands between the markers, and nothing else changes', () => {
  const spliced = splice(MARKED, REPORT);
  assert.equal(
    spliced,
    'before\n<!-- figures: npm run figures -->\n\n| a |\n\ntext\n\n<!-- /figures -->\nafter\n',
  );
  assert.equal(splice(spliced, REPORT), spliced, 'twice is once');
});

test('another section goes between markers of its own', () => {
  const marked = `${MARKED}<!-- more: npm run figures -->\n<!-- /more -->\n`;
  const section = { title: 'Claims', marker: 'more' };
  assert.equal(
    splice(marked, REPORT, section),
    `${MARKED}<!-- more: npm run figures -->\n\nmore\n\n<!-- /more -->\n`,
  );
  assert.throws(() => splice(marked, '# Title\n', section), /has no section "Claims"/);
});

test('without markers, or without an answer, it is an error', () => {
  assert.throws(() => splice('nothing', REPORT), { name: 'UsageError', message: /it lacks <!-- figures/ });
  assert.throws(() => splice(MARKED, '# Title\n'), { name: 'UsageError', message: /has no answer/ });
});
