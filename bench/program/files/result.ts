/** What a described program says it found, checked and turned into a result of the contract. */
import type { ReceiverResult } from '../../contract.ts';
import type { ItemsForm, ResultForm } from '../description/description.ts';
import { recordKeys } from './items-file.ts';

/** The longest line of a result that is a number or a record. */
const LONGEST_LINE = 4096;
/** Room for what else a program prints. */
const CHATTER_BYTES = 1 << 20;

/** The most bytes that a result over `count` items may have. */
export function mostResultBytes(count: number, items: ItemsForm, longestItem: number): number {
  const record = Math.max(32, 3 * items.bytes, 2 * longestItem) + 2;
  return CHATTER_BYTES + count * record;
}

/**
 * @param contents what the program wrote
 * @param own the items' file of the receiver and how many items it has
 * @throws Error that names the line, and what is wrong with it
 */
export function readResult(
  contents: Buffer,
  form: ResultForm,
  own: { readonly contents: Buffer; readonly count: number; readonly form: ItemsForm },
): ReceiverResult {
  const entries = entriesOf(contents, form, own.form);
  if (form.is === 'count') return countOf(entries, own.count);
  const indices =
    form.is === 'indices' ? entries.map((entry) => indexOf(entry, own.count)) : placesOf(entries, own);
  const found = Uint32Array.from(indices).sort();
  const twice = found.findIndex((index, i) => i > 0 && found[i - 1] === index);
  if (twice >= 0) throw new Error(`its result has item ${found[twice]} twice`);
  return found;
}

interface Entry {
  readonly text: string;
  /** For messages: "line 3", "entry 3". */
  readonly where: string;
}

function entriesOf(contents: Buffer, { format, skipLines, match }: ResultForm, items: ItemsForm): Entry[] {
  if (format === 'lines') {
    const lines = contents.toString('latin1').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.flatMap((line, i) => {
      if (i < skipLines) return [];
      const where = `line ${i + 1}`;
      const whole = line.replace(/\r$/, '');
      if (whole.length > LONGEST_LINE)
        throw new Error(`${where} of its result has ${whole.length} characters`);
      if (match === null) return [{ text: unquoted(whole), where }];
      const text = match.exec(whole)?.[1];
      return text === undefined ? [] : [{ text, where }];
    });
  }
  const width = format === 'u32' ? 4 : format === 'u64' ? 8 : items.bytes;
  if (contents.length % width !== 0)
    throw new Error(
      `its result has ${contents.length} bytes, which is no whole number of entries of ${width}`,
    );
  return Array.from({ length: contents.length / width }, (_, i) => {
    const at = i * width;
    const where = `entry ${i + 1}`;
    if (format === 'binary') return { text: contents.toString('latin1', at, at + width), where };
    const value = format === 'u32' ? contents.readUInt32LE(at) : contents.readBigUInt64LE(at);
    return { text: String(value), where };
  });
}

/** CSV puts values into quotes where it likes to. */
function unquoted(line: string): string {
  return /^"(?:[^"]|"")*"$/.test(line) ? line.slice(1, -1).replaceAll('""', '"') : line;
}

function indexOf({ text, where }: Entry, count: number): number {
  const index = /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : Number.NaN;
  if (!(index < count))
    throw new Error(`${where} of its result is ${shown(text)}, which is no index below ${count}`);
  return index;
}

function countOf(entries: readonly Entry[], count: number): number {
  const [entry, ...more] = entries;
  if (entry === undefined || more.length > 0)
    throw new Error(`its result should be one number, and has ${entries.length} entries`);
  const found = /^\s*\d{1,10}\s*$/.test(entry.text) ? Number(entry.text) : Number.NaN;
  if (!(found <= count))
    throw new Error(
      `${entry.where} of its result is ${shown(entry.text)}, which is no number up to ${count}`,
    );
  return found;
}

function placesOf(
  entries: readonly Entry[],
  { contents, count, form }: { readonly contents: Buffer; readonly count: number; readonly form: ItemsForm },
): number[] {
  const places = new Map(recordKeys(contents, count, form).map((key, i) => [key, i]));
  return entries.map(({ text, where }) => {
    const place = places.get(text);
    if (place === undefined)
      throw new Error(`${where} of its result is ${shown(text)}, which is no item of the receiver's`);
    return place;
  });
}

function shown(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '.');
  return `"${printable.length > 40 ? `${printable.slice(0, 40)}…` : printable}"`;
}
