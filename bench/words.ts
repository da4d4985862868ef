/** What users type. */
import { parse } from 'csv-parse/sync';
import leven, { closestMatch } from 'leven';
import { UsageError } from './errors.ts';

/**
 * The values of one row of CSV: commas divide, and quotes keep a comma inside: `"name, first",id` has two.
 * @throws UsageError when a quote is not closed
 */
export function splitQuoted(text: string): string[] {
  try {
    const [row = []] = parse(text, { trim: true, relax_quotes: true, relax_column_count: true });
    return row.filter((value) => value !== '');
  } catch {
    throw new UsageError(
      `cannot read the list ${text}: write values with commas between, in quotes where they hold one`,
    );
  }
}

/** The words of a list with commas: `a, b` has two. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

/**
 * The candidate that the user most likely meant, case ignored: one edit away, or one that `word` is the
 * beginning of, or at most half of the word away; `undefined` when none is.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  const known = new Map([...candidates].reverse().map((candidate) => [candidate.toLowerCase(), candidate]));
  const lower = [...known.keys()].reverse();
  const within = (maxDistance: number) =>
    closestMatch(
      wanted,
      // Who has nothing in common is near to no word.
      lower.filter((candidate) => leven(wanted, candidate) < Math.max(wanted.length, candidate.length)),
      { maxDistance },
    );
  const begun = wanted.length < 2 ? undefined : lower.find((candidate) => candidate.startsWith(wanted));
  const found = within(1) ?? begun ?? within(Math.floor(wanted.length / 2));
  return found === undefined ? undefined : known.get(found);
}

/** ` Did you mean "x"?`, to be put behind a message, or '' if nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? '' : ` Did you mean "${candidate}"?`;
}
