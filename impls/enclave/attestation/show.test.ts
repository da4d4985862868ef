import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from 'cborg';
import { parseDocument } from './document.ts';
import { bytes, forgeDocument, forgeIdentity, pcrMap } from './forge.ts';
import { describeDocument, printable } from './show.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');

test('text from a document cannot steer the terminal', async () => {
  assert.equal(printable('a\u001b[2Jb\u009bc\u202ed\n'), 'a\\u{1b}[2Jb\\u{9b}c\\u{202e}d\\u{a}');
  const identity = await forgeIdentity(AT);
  const document = forgeDocument(identity, AT, { fields: { module_id: encode('i-\u001b]0;x\u0007') } });
  assert.match(describeDocument(parseDocument(document)), /module {5}i-\\u\{1b\}\]0;x\\u\{7\}\n/);
});

test('certificates that cannot be read are shown as such; debug mode is pointed out', async () => {
  const identity = await forgeIdentity(AT);
  const zeros = encode(new Uint8Array(48));
  const document = forgeDocument(identity, AT, {
    fields: { certificate: encode(bytes('00')), pcrs: pcrMap({ 0: zeros, 1: zeros, 2: zeros }) },
  });
  const text = describeDocument(parseDocument(document));
  assert.match(text, /leaf {7}unreadable: Leaf: Certificate has identifier 00, not 30\./);
  assert.match(text, /zero PCRs {2}0, 1, 2\n.*debug mode/);
  assert.match(text, /issuer 3 {3}CN=instance\.forge\n/);
});
