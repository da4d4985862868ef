/**
 * What is ironed out before values are compared: differences between records of the same person that
 * mean nothing. `README.md` has the rules and examples, which are tested.
 */

import { DatasetError, type Normalisation } from '../spec.ts';
import { nfkcCasefold } from './casefold.ts';

/** What holds when nothing is said. */
export const DEFAULT_NORMALISATION: Normalisation = { form: 'default' };

const WORDS = ['default', 'exact', 'drop-accents', 'drop-leading-zeros', 'digits-only'] as const;

/**
 * Reads a normalisation as `default`, `exact`, or what the default is to do besides, with commas:
 * `drop-accents,drop-leading-zeros`.
 * @param missing values that stand for "not known".
 * @throws {DatasetError} for words that are not known or do not fit together.
 */
export function parseNormalisation(text: string, missing: readonly string[] = []): Normalisation {
  const words = text.split(',').map((word) => word.trim().toLowerCase());
  for (const word of words) {
    if (!WORDS.some((known) => known === word)) {
      throw new DatasetError(`no normalisation is called "${word}": there are ${WORDS.join(', ')}`);
    }
  }
  const has = (word: (typeof WORDS)[number]) => words.includes(word);
  if (has('exact') && words.length > 1) {
    throw new DatasetError('normalisation "exact" compares what is there: it goes with nothing else');
  }
  return {
    form: has('exact') ? 'exact' : 'default',
    ...(has('drop-accents') && { dropAccents: true }),
    ...(has('drop-leading-zeros') && { dropLeadingZeros: true }),
    ...(has('digits-only') && { digitsOnly: true }),
    ...(missing.length > 0 && { missing: [...missing] }),
  };
}

/** The normalisation as {@link parseNormalisation} reads it, without the missing values. */
export function formatNormalisation(normalisation: Normalisation): string {
  const { form, dropAccents, dropLeadingZeros, digitsOnly } = normalisation;
  const words = [
    dropAccents && 'drop-accents',
    dropLeadingZeros && 'drop-leading-zeros',
    digitsOnly && 'digits-only',
  ].filter((word) => typeof word === 'string');
  return words.length === 0 ? form : words.join(',');
}

/**
 * A function from a value as it stands in a file to what is compared; '' when there is nothing to
 * compare, which is so in every form for values of white space and invisible characters only.
 */
export function normaliser(normalisation: Normalisation): (value: string) => string {
  const { form, dropAccents, dropLeadingZeros, digitsOnly, missing = [] } = normalisation;
  const steps: ((value: string) => string)[] = [];
  if (form === 'exact') steps.push((value) => (normalise(value) === '' ? '' : value));
  else steps.push(normalise);
  if (dropAccents) steps.push(withoutAccents);
  if (digitsOnly) steps.push(onlyDigits);
  if (dropLeadingZeros) steps.push((value) => value.replace(/^0+(?=\d)/, ''));
  const prepare = (value: string) => steps.reduce((text, step) => step(text), value);
  if (missing.length === 0) return steps.length === 1 ? steps[0]! : prepare;
  const unknown = new Set(missing.map(prepare));
  return (value) => {
    const prepared = prepare(value);
    return unknown.has(prepared) ? '' : prepared;
  };
}

/** ASCII without blanks, control characters and the accent that is typed for an apostrophe. */
const PLAIN = /^[!-_a-~]*$/;
const PRINTABLE = /^[ -_a-~]*$/;
/** Typed for an apostrophe: quotation marks, primes, accents that stand alone, modifier letters. */
const APOSTROPHES = /[`´‘’‛′ʹʻʼʽˈˊˋ＇՚]/gu;
/** Typed for a hyphen: hyphens, dashes, minus signs. */
const HYPHENS = /[‐‑‒–—―⁃−˗﹘﹣－]/gu;
const WHITE_SPACE = /\p{White_Space}+/gu;

/**
 * The default: variants of apostrophe and hyphen become `'` and `-`, NFKC_Casefold (compatibility forms
 * and case are folded, invisible characters dropped), white space around is dropped and inside becomes
 * one blank. Accents and punctuation stay.
 */
export function normalise(value: string): string {
  if (PLAIN.test(value)) return value.toLowerCase();
  if (PRINTABLE.test(value)) return value.toLowerCase().replace(/ +/g, ' ').trim();
  // Before, as an accent that stands alone is a compatibility form of a blank with an accent; and
  // after, as some forms decompose into apostrophes and hyphens.
  const folded = withPlainMarks(nfkcCasefold(withPlainMarks(value.normalize('NFC')).normalize('NFKC')));
  return folded.replace(WHITE_SPACE, ' ').trim();
}

function withPlainMarks(text: string): string {
  return text.replace(APOSTROPHES, "'").replace(HYPHENS, '-');
}

/** Marks that combine with letters are dropped; letters that are letters of their own (ø, ł) stay. */
function withoutAccents(value: string): string {
  return value
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
}

function onlyDigits(value: string): string {
  return value.replace(/\P{Nd}/gu, '').replace(/[^0-9]/gu, asciiDigit);
}

/** Decimal digits stand in the standard in rows of ten. */
function asciiDigit(digit: string): string {
  let zero = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) {
    zero--;
    before++;
  }
  return String(before % 10);
}
