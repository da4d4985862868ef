/**
 * NFKC_Casefold of the Unicode Standard (section 3.13, "Default Case Algorithms"; UAX #44): case and
 * compatibility forms are folded, and characters that are not to be seen are dropped. JavaScript has
 * the property that says *which* characters change, but not the mapping; it is put together here from
 * what there is: NFKC, the case mappings, and the two exceptions to "lower case of the upper case".
 */

const CHANGES = /\p{Changes_When_NFKC_Casefolded}/gu;
const IGNORABLE = /^\p{Default_Ignorable_Code_Point}$/u;

/** A character's mapping is asked for again and again, and there are 10,583 of them (Unicode 17). */
const folded = new Map<string, string>();

/** toNFKC_Casefold(text): every character mapped, then Unicode NFC. */
export function nfkcCasefold(text: string): string {
  return text.replace(CHANGES, foldCharacter).normalize('NFC');
}

function foldCharacter(character: string): string {
  const known = folded.get(character);
  if (known !== undefined) return known;
  const mapping = mapped(character);
  folded.set(character, mapping);
  return mapping;
}

/** As the standard derives it: NFKC and folding, by turns, until nothing changes. */
function mapped(character: string): string {
  let text = character;
  for (;;) {
    const next = [...text]
      .map((one) => (IGNORABLE.test(one) ? '' : foldCase(one)))
      .join('')
      .normalize('NFKC');
    if (next === text) return text;
    text = next;
  }
}

/** Full case folding (C and F of CaseFolding.txt) of one character. */
function foldCase(character: string): string {
  // Folding never ties the dotless i to i.
  if (character === 'ı') return character;
  // Cherokee folds to its capital letters: the small ones came into the standard after them.
  if (/^\p{Script=Cherokee}$/u.test(character)) return character.toUpperCase();
  // Character by character: a text's lower case looks at the neighbours of a sigma.
  return [...character.toLowerCase().toUpperCase()].map((one) => one.toLowerCase()).join('');
}
