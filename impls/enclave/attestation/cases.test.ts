/** Documents as they were tried on this verifier, with the right verdict, where they are at hand. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { verifyDocument } from './verify.ts';

interface Case {
  readonly file: string;
  readonly root: string;
  readonly want: string;
  readonly what: string;
}

const folder = new URL('../../../../shared/data/cases/documents/', import.meta.url);
const index = new URL('index.json', folder);

test('documents tried before: the verdict, in words where the form is the fault', (t) => {
  if (!existsSync(index)) return t.skip('the documents are not there');
  for (const { file, root, want, what } of JSON.parse(readFileSync(index, 'utf8')) as Case[]) {
    const verdict = verifyDocument(readFileSync(new URL(file, folder)), { roots: [root], at: 'document' });
    assert.equal(verdict.verdict, 'refuse', what);
    const words = /base64 text|JSON list of integers/.exec(want)?.[0];
    if (words !== undefined)
      assert.match(verdict.detail, new RegExp(`This is an? ?${words}|This is ${words}`));
    const reason = /DER/.test(what)
      ? 'certificate-malformed'
      : /bytes/.test(what)
        ? 'field-length'
        : 'not-binary';
    assert.equal(verdict.reason, reason, what);
  }
});
