/** What users type. */

/** The words of a list with commas: `a, b` has two. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}
