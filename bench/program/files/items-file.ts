/** Items as a described program reads them: one record each, in the order of the set. */

import { Digester } from '../../../impls/primitives/digest/digest.ts';
import { itemAt } from '../../../impls/primitives/items.ts';
import type { ItemSet } from '../../contract.ts';
import type { ItemsForm } from '../description/description.ts';

const LINE = 0x0a;
const RETURN = 0x0d;
const HEX = Buffer.from('0123456789abcdef');

/**
 * The contents of an items' file. Its records are lines, or without anything between them in binary.
 * @throws Error naming the first item that cannot be written so
 */
export function encodeItems(items: ItemSet, form: ItemsForm): Buffer {
  if (form.format === 'binary') return recordsOf(items, form);
  const head = Buffer.from(form.header === null ? '' : `${form.header}\n`);
  return Buffer.concat([head, linesOf(items, form)]);
}

function recordsOf(items: ItemSet, { map, bytes }: ItemsForm): Buffer {
  if (map === 'digest') return digestsOf(items, bytes);
  for (let i = 0; i < items.count; i++) {
    const { length } = itemAt(items, i);
    if (length !== bytes)
      throw new Error(
        `item ${i} has ${length} bytes, and the program takes ${bytes}: describe "items.map": "digest"`,
      );
  }
  return Buffer.from(items.data.slice(items.offsets[0], items.offsets[items.count]));
}

function linesOf(items: ItemSet, { map, bytes, format }: ItemsForm): Buffer {
  if (map === 'as-is')
    return format === 'hex' ? hexLines(items.data, items.offsets, items.count) : textLines(items);
  const digests = digestsOf(items, bytes);
  if (format === 'decimal') {
    const lines: string[] = [];
    for (let at = 0; at < digests.length; at += bytes)
      lines.push(`${BigInt(`0x${digests.toString('hex', at, at + bytes)}`)}\n`);
    return Buffer.from(lines.join(''), 'latin1');
  }
  return hexLines(
    digests,
    Uint32Array.from({ length: items.count + 1 }, (_, i) => i * bytes),
    items.count,
  );
}

function digestsOf(items: ItemSet, width: number): Buffer {
  const digests = new Digester({ width }).items(items);
  return Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
}

function hexLines(data: Uint8Array, offsets: Uint32Array, count: number): Buffer {
  const first = offsets[0] ?? 0;
  const last = offsets[count] ?? first;
  const lines = Buffer.allocUnsafe(2 * (last - first) + count);
  let to = 0;
  let at = first;
  for (let i = 1; i <= count; i++) {
    for (const end = offsets[i] ?? at; at < end; at++) {
      const byte = data[at] ?? 0;
      lines[to++] = HEX[byte >> 4] ?? 0;
      lines[to++] = HEX[byte & 15] ?? 0;
    }
    lines[to++] = LINE;
  }
  return lines;
}

/** @throws Error when an item cannot be a line of its own */
function textLines(items: ItemSet): Buffer {
  const lines = Buffer.allocUnsafe(items.data.length + items.count);
  let to = 0;
  for (let i = 0; i < items.count; i++) {
    const item = itemAt(items, i);
    if (item.length === 0 || item.includes(LINE) || item.includes(RETURN))
      throw new Error(
        `item ${i} is empty or has a line break, and the program takes lines of text: describe "items.map": "digest"`,
      );
    lines.set(item, to);
    to += item.length;
    lines[to++] = LINE;
  }
  return lines.subarray(0, to);
}

/** Records of the file that {@link encodeItems} makes, as text that tells each from the others, in the same order. */
export function recordKeys(contents: Buffer, count: number, form: ItemsForm): string[] {
  if (form.format === 'binary')
    return Array.from({ length: count }, (_, i) =>
      contents.toString('latin1', i * form.bytes, (i + 1) * form.bytes),
    );
  const lines = contents.toString('latin1').split('\n');
  return lines.slice(form.header === null ? 0 : 1, count + (form.header === null ? 0 : 1));
}
