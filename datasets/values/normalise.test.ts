import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nfkcCasefold } from './casefold.ts';
import { formatNormalisation, normalise, normaliser, parseNormalisation } from './normalise.ts';

/** Every code point but surrogates. */
function* characters(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}

test('NFKC_Casefold changes what the platform says it changes, and nothing twice', () => {
  const changes = /^\p{Changes_When_NFKC_Casefolded}$/u;
  for (const character of characters()) {
    const folded = nfkcCasefold(character);
    if (folded === character) {
      assert.ok(!changes.test(character), `U+${character.codePointAt(0)?.toString(16)} stayed`);
      continue;
    }
    // Characters that are only composed otherwise change too, by the NFC that comes last.
    assert.ok(changes.test(character) || character.normalize('NFC') === folded);
    assert.equal(nfkcCasefold(folded), folded);
  }
});

test('case folding agrees with that of the platform: what regular expressions take for one letter', () => {
  const cased = /^\p{Changes_When_Casefolded}$/u;
  for (const character of characters()) {
    if (!cased.test(character) || character.normalize('NFKC') !== character) continue;
    const folded = nfkcCasefold(character);
    // Regular expressions fold letters to single letters only.
    if ([...folded].length !== 1) continue;
    assert.match(character, new RegExp(`^${folded}$`, 'iu'));
  }
});

test('NFKC_Casefold of characters that are special (NFKC_CF of DerivedNormalizationProps.txt)', () => {
  const mapping: [string, string][] = [
    ['ß', 'ss'],
    ['ẞ', 'ss'],
    ['İ', 'i\u0307'],
    ['ı', 'ı'],
    ['ſ', 's'],
    ['ς', 'σ'],
    ['Σ', 'σ'],
    ['ﬁ', 'fi'],
    ['\u212a', 'k'],
    ['\u0345', 'ι'],
    ['\u1fb3', 'αι'],
    ['\u1e9e', 'ss'],
    ['\u1c90', '\u10d0'],
    ['\uab70', '\u13a0'],
    ['\u13f8', '\u13f0'],
    ['\u00ad', ''],
    ['\u200b', ''],
    ['\u3164', ''],
    ['Ⅷ', 'viii'],
    ['㎏', 'kg'],
  ];
  for (const [character, expected] of mapping) assert.equal(nfkcCasefold(character), expected);
});

test('a normalised value stays as it is, composed or decomposed', () => {
  const stays = (value: string) => {
    const once = normalise(value);
    assert.equal(normalise(once), once);
    assert.equal(normalise(value.normalize('NFD')), once);
    assert.equal(once.normalize('NFC'), once);
  };
  fc.assert(fc.property(fc.string({ unit: 'binary' }), stays), { numRuns: 2000 });
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(' ', '`', "'", 'A', 'ʼ', '\t', '-', '–') }), stays),
  );
});

test('the quick way for plain text gives what the long way gives', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      // An accented letter in front takes the long way.
      assert.equal(normalise(`é${value}`), `é${normalise(`x${value}`).slice(1)}`);
    }),
  );
});

test('options: accents, leading zeros, digits only, missing values, exact', () => {
  const by = (text: string, missing: string[] = []) => normaliser(parseNormalisation(text, missing));
  assert.equal(by('drop-accents')('Renée Ångström Łukasz'), 'renee angstrom łukasz');
  assert.equal(by('drop-leading-zeros')('00123'), '123');
  assert.equal(by('drop-leading-zeros')('000'), '0');
  assert.equal(by('drop-leading-zeros')('0a'), '0a');
  assert.equal(by('digits-only')('AB 12-34/٥٦'), '123456');
  assert.equal(by('digits-only')('none'), '');
  assert.equal(by('digits-only,drop-leading-zeros')('No. 007'), '7');
  const known = by('default', ['N/A', 'unknown', '-']);
  assert.deepEqual(['n/a', ' UNKNOWN ', '–', 'Anna'].map(known), ['', '', '', 'anna']);
  const exact = by('exact');
  assert.deepEqual(['Anna ', ' a\u00a0', '\u200b', '\ufeff', '\u00a0'].map(exact), [
    'Anna ',
    ' a\u00a0',
    '',
    '',
    '',
  ]);
});

test('every decimal digit of the platform is read as its value', () => {
  const digits = normaliser({ form: 'default', digitsOnly: true });
  const decimal = new Map([...characters()].filter((one) => /^\p{Nd}$/u.test(one)).map((one) => [one, 0]));
  for (const digit of decimal.keys()) {
    const value = Number(digits(digit));
    // Intl is the independent source for the scripts that it has; here: ten follow one another.
    const next = String.fromCodePoint((digit.codePointAt(0) ?? 0) + 1);
    if (value < 9) assert.equal(digits(next), String(value + 1));
  }
  for (const system of ['arab', 'deva', 'beng', 'thai', 'fullwide', 'mathdbl', 'nkoo', 'tamldec']) {
    const text = new Intl.NumberFormat(`en-u-nu-${system}`, { useGrouping: false }).format(1234567890);
    assert.equal(digits(text), '1234567890', system);
  }
});

test('normalisations are read and written; what does not fit is refused', () => {
  for (const text of ['default', 'exact', 'drop-accents,digits-only', 'drop-leading-zeros']) {
    assert.equal(formatNormalisation(parseNormalisation(text)), text);
  }
  assert.throws(() => parseNormalisation('exact,digits-only'), /goes with nothing else/);
  assert.throws(
    () => parseNormalisation('upper'),
    /no normalisation is called "upper": there are default, exact/,
  );
});
