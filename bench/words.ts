/** What users type. */
import leven, { closestMatch } from 'leven';

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
