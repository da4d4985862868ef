/**
 * From the normalised fields of a record to the item that is compared. Generated patients and CSV files
 * go through the same steps, so that a set written as CSV reads back as the same items.
 */

/** Between two fields of a key. */
export const SEPARATOR = '|';

/**
 * Escapes one field, so that joined keys are equal only when all fields are: `\` becomes `\\` and `|`
 * becomes `\|`. Thus ("a|b", "c") gives `a\|b|c`, and ("a", "b|c") gives `a|b\|c`.
 */
export function escapeField(field: string): string {
  return field.includes('\\') || field.includes(SEPARATOR) ? field.replace(/[\\|]/g, '\\$&') : field;
}

/** One item from normalised fields: escaped, and joined by `|`. */
export function joinKey(fields: readonly string[]): string {
  return fields.length === 1 ? escapeField(fields[0]!) : fields.map(escapeField).join(SEPARATOR);
}

/** The fields of a joined key: the inverse of {@link joinKey}. */
export function splitKey(key: string): string[] {
  const fields: string[] = [];
  let field = '';
  for (let i = 0; i < key.length; i++) {
    const char = key[i]!;
    if (char === SEPARATOR) {
      fields.push(field);
      field = '';
    } else {
      field += char === '\\' ? (key[++i] ?? '') : char;
    }
  }
  fields.push(field);
  return fields;
}
