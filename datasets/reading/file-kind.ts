/** Tells from its first bytes what a file is that is taken for CSV and is something else. */

const SAVE_AS_CSV = 'save the sheet as "CSV UTF-8" and give that';

/** Bytes at the beginning, what has them, and what to do about it. */
const SIGNATURES: readonly (readonly [string, string, string])[] = [
  ['PK\x03\x04', 'a ZIP archive', 'unpack it and give the CSV file inside'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'an Excel workbook of the old kind (xls)', SAVE_AS_CSV],
  ['BZh', 'compressed with bzip2', 'decompress it first (of compressed files, .gz is read)'],
  ['\xfd7zXZ\x00', 'compressed with xz', 'decompress it first (of compressed files, .gz is read)'],
  ['\x28\xb5\x2f\xfd', 'compressed with zstd', 'decompress it first (of compressed files, .gz is read)'],
  ["7z\xbc\xaf'\x1c", 'a 7-Zip archive', 'unpack it and give the CSV file inside'],
  ['%PDF-', 'a PDF document', 'export the table as CSV'],
  ['PAR1', 'a Parquet file', 'export it as CSV'],
  ['ARROW1', 'an Arrow file', 'export it as CSV'],
  ['SQLite format 3\x00', 'an SQLite database', 'export the table as CSV'],
  ['-----BEGIN PGP', 'encrypted with PGP', 'decrypt it first'],
  ['age-encryption.org/', 'encrypted with age', 'decrypt it first'],
  ['{\\rtf', 'a document in RTF', 'save the table as CSV'],
  ['\xff\xfe\x00\x00', 'UTF-32', 'save it as UTF-8'],
  ['\x00\x00\xfe\xff', 'UTF-32', 'save it as UTF-8'],
];

/** Beginnings of texts that are no tables, white space before them left out. */
const TEXTS: readonly (readonly [RegExp, string, string])[] = [
  [/^<(?:!doctype html|html|table)\b/i, 'HTML', 'some programs call that .xls or .csv: save it as CSV'],
  [/^<\?xml\b/i, 'XML', 'export the table as CSV'],
  [/^(?:\[\s*)?\{\s*"/, 'JSON', 'export it as CSV'],
];

/** What the file is, and what to do, when its first bytes are not those of a table of text; else null. */
export function foreignKind(head: Buffer): { readonly kind: string; readonly advice: string } | null {
  const start = head.subarray(0, 64).toString('latin1');
  for (const [signature, kind, advice] of SIGNATURES) {
    if (!start.startsWith(signature)) continue;
    return signature.startsWith('PK') ? officeKind(head) : { kind, advice };
  }
  const text = head.subarray(0, 256).toString('utf8').trimStart();
  for (const [pattern, kind, advice] of TEXTS) if (pattern.test(text)) return { kind, advice };
  return null;
}

/** Office documents are ZIP archives; the names of their first members tell which. */
function officeKind(head: Buffer): { readonly kind: string; readonly advice: string } {
  const names = head.toString('latin1');
  if (names.includes('opendocument.spreadsheet')) {
    return { kind: 'an OpenDocument spreadsheet (ods)', advice: SAVE_AS_CSV };
  }
  if (names.includes('[Content_Types].xml') || names.includes('xl/')) {
    return { kind: 'an Excel workbook (xlsx)', advice: SAVE_AS_CSV };
  }
  return { kind: 'a ZIP archive', advice: 'unpack it and give the CSV file inside' };
}
