/** "Did you mean": the candidate that the user most likely meant. */

/**
 * The candidate nearest to `word` by edit distance (insert, delete, replace, swap of neighbours; case
 * is ignored), or `undefined` if none is near: within a third of the longer length, at least one edit.
 * A candidate that `word` is the beginning of counts as near. Of equals the first wins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const lower = candidate.toLowerCase();
    const isBeginning = wanted.length >= 2 && lower.startsWith(wanted);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, lower.length) / 3));
    const distance = editDistance(wanted, lower);
    if (distance >= Math.max(wanted.length, lower.length)) continue;
    const rank = isBeginning ? Math.min(distance, 1) : distance;
    if (rank <= allowed && rank < bestDistance) {
      best = candidate;
      bestDistance = rank;
    }
  }
  return best;
}

/** ` Did you mean "x"?`, to be put behind a message, or '' if nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? '' : ` Did you mean "${candidate}"?`;
}

/** Optimal string alignment distance: edits of one character, and swaps of two neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replace, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
