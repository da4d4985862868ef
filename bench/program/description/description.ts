/**
 * A program that is no code of ours, described by a JSON file: how it is started, how it gets its items, where
 * it writes its result, and what it claims. Keys are explained in `docs/peers/README.md`; beside the
 * examples there lies a schema for editors.
 */
import type { Security } from '../../contract.ts';
import { messageOf, UsageError } from '../../errors.ts';
import { MAX_ITEMS } from '../../terms.ts';
import { Fields } from './fields.ts';
import { placeFault } from './places.ts';

/** The form of descriptions; a reader refuses any other. */
export const DESCRIPTION_FORM = 1;
/** With fewer bytes of digest than these, collisions are no longer beyond all bounds. */
const SURE_BYTES = 16;

/** How items are written for the program. */
export interface ItemsForm {
  /** `digest`: the first `bytes` bytes of an item's SHA-256. `as-is`: the item's own bytes. */
  readonly map: 'digest' | 'as-is';
  readonly bytes: number;
  readonly format: 'hex' | 'decimal' | 'text' | 'binary';
  /** A first line before the items, as CSV files have; null for none. */
  readonly header: string | null;
  /** Of the file's name, with its dot. */
  readonly extension: string;
}

/** How the program says what it found. */
export interface ResultForm {
  readonly from: 'file' | 'stdout';
  readonly is: 'indices' | 'items' | 'count';
  /** `lines` of text, or little-endian integers, or (items alone) binary as the items were written. */
  readonly format: 'lines' | 'u32' | 'u64' | 'binary';
  /** Lines at the beginning that are no result. */
  readonly skipLines: number;
  /** Takes the result out of a line, by its one group; lines that do not match are none. Null: whole lines. */
  readonly match: RegExp | null;
  readonly extension: string;
}

export type ProgramRole = 'receiver' | 'sender';

export interface ProgramDescription {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly references: readonly string[];
  readonly version: string;
  /** Whether who wrote the description has run the program with it. */
  readonly tried: boolean;
  readonly kind: 'cryptography' | 'open';
  readonly security: Security;
  /** What to do when the program is missing. */
  readonly install: string;
  /** Whose program waits for connections. */
  readonly listens: ProgramRole | 'both';
  readonly commands: Readonly<Record<ProgramRole, readonly string[]>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Prints the program's version in its first line; null: it cannot be asked. */
  readonly versionCommand: readonly string[] | null;
  /** Files that make the program what it is, beside its commands and what their arguments name. */
  readonly files: readonly string[];
  readonly items: ItemsForm;
  readonly result: ResultForm;
  /** How it ends when all is well. */
  readonly exitCode: number;
  /** Whose program does not end by itself: it is ended when the other one has. */
  readonly serves: readonly ProgramRole[];
  readonly threads: boolean;
  readonly limits: Readonly<Record<ProgramRole, number>>;
  /** For so long a connection may take to come about. */
  readonly connectSeconds: number;
}

/** @throws UsageError in one line that names `file`, the key, and what is right */
export function parseDescription(text: string, file: string): ProgramDescription {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${messageOf(error)}`);
  }
  const fields = new Fields(value, '', file);
  if (!fields.has('psi-program')) {
    throw new UsageError(
      `${file} describes no program: its first key must be "psi-program": ${DESCRIPTION_FORM}`,
    );
  }
  fields.whole('psi-program', DESCRIPTION_FORM, DESCRIPTION_FORM);
  fields.has('$schema');
  const listens = fields.choice('listens', ['receiver', 'sender', 'both']);
  const command = (key: string) => commandOf(fields, key, listens === 'both');
  const items = itemsForm(fields.inner('items'));
  const description: ProgramDescription = {
    id: idOf(fields),
    title: fields.text('title'),
    summary: fields.text('summary', 'one sentence on how it works'),
    references: fields.list('references', 'a list of papers, pages or repositories, one at least', 1),
    version: fields.text('version', 'the version that the description was written for'),
    tried: fields.flag('tried'),
    kind: fields.choice('kind', ['cryptography', 'open']),
    security: securityOf(fields.inner('security')),
    install: fields.text('install', 'a sentence that says how to get the program'),
    listens,
    commands: { receiver: command('receiver'), sender: command('sender') },
    environment: fields.texts('environment', 'an object of names and texts'),
    versionCommand: fields.has('versionCommand') ? command('versionCommand') : null,
    files: fields.list('files', 'a list of paths', 0, []),
    items,
    result: resultForm(fields.inner('result'), items),
    exitCode: fields.whole('exitCode', 0, 255, 0),
    serves: rolesOf(fields, 'serves'),
    threads: fields.flag('threads', false),
    limits: limitsOf(fields),
    connectSeconds: fields.whole('connectSeconds', 1, 3600, 60),
  };
  fields.end();
  for (const [name, value] of Object.entries(description.environment)) {
    const fault = placeFault(value, listens === 'both');
    if (fault !== undefined) throw new UsageError(`${file}: "environment.${name}": ${fault}`);
  }
  const { security } = description;
  if (security.private !== (description.kind !== 'open')) {
    throw fields.refuse(
      'kind',
      `"open" exactly when "security.private" is false, which is ${security.private}`,
    );
  }
  if (items.map === 'digest' && items.bytes < SURE_BYTES && security.falsePositiveLog2 === null) {
    throw new UsageError(
      `${file}: "security.falsePositiveLog2" is null: with "items.bytes" below ${SURE_BYTES} digests may collide, so give a bound`,
    );
  }
  if (
    description.result.from === 'file' &&
    !description.commands.receiver.some((word) => word.includes('{result}'))
  ) {
    throw fields.refuse('receiver', 'a command with the place {result}, since "result.from" is "file"');
  }
  return description;
}

function idOf(fields: Fields): string {
  const right = 'words of lower-case letters and digits, joined by hyphens';
  const id = fields.text('id', right);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw fields.refuse('id', right);
  return id;
}

function commandOf(fields: Fields, key: string, both: boolean): readonly string[] {
  const words = fields.list(key, 'a list: the program, then its arguments, each a text of its own', 1);
  if (words[0]?.trim() === '') throw fields.refuse(key, 'a list that begins with a program');
  for (const word of words) {
    const fault = placeFault(word, both);
    if (fault !== undefined) throw fields.refuse(key, `without that: ${fault}`);
  }
  return words;
}

function securityOf(fields: Fields): Security {
  const bits = fields.numberOrNull('bits', 'a positive number of bits, or null', (value) => value > 0);
  const security: Security = {
    private: fields.flag('private'),
    model: fields.text('model', 'a few words, such as semi-honest'),
    trust: fields.text('trust', 'a few words: who or what must be trusted'),
    assumption: fields.text('assumption', 'a few words: what must be hard'),
    bits,
    postQuantum: fields.flag('postQuantum'),
    learns: learnsOf(fields),
    falsePositiveLog2: fields.numberOrNull(
      'falsePositiveLog2',
      'a negative exponent of two, or null for an exact result',
      (value) => value < 0,
    ),
  };
  fields.end();
  return security;
}

function learnsOf(fields: Fields): Security['learns'] {
  const right = 'an object: what receiver and sender learn beside sizes and result, {} for nothing';
  const learns = fields.texts('learns', right);
  if (!fields.has('learns') || Object.keys(learns).some((role) => role !== 'receiver' && role !== 'sender'))
    throw fields.refuse('learns', right);
  return learns;
}

function itemsForm(fields: Fields): ItemsForm {
  const map = fields.choice('map', ['digest', 'as-is'], 'digest');
  const format = fields.choice('format', ['hex', 'decimal', 'text', 'binary']);
  if (map === 'digest' && format === 'text')
    throw fields.refuse('format', 'hex, decimal or binary for digests');
  if (map === 'as-is' && format === 'decimal')
    throw fields.refuse(
      'format',
      'hex, text or binary for items as they are: as numbers 1 and 01 would be one',
    );
  const form: ItemsForm = {
    map,
    format,
    bytes: fields.whole('bytes', 8, 32, 16),
    header: fields.has('header') ? fields.text('header') : null,
    extension: extensionOf(fields, format === 'binary' ? '.bin' : '.csv'),
  };
  if (form.header !== null && format === 'binary')
    throw fields.refuse('header', 'absent: a binary file has no lines');
  fields.end();
  return form;
}

function resultForm(fields: Fields, items: ItemsForm): ResultForm {
  const is = fields.choice('is', ['indices', 'items', 'count']);
  const format = fields.choice('format', ['lines', 'u32', 'u64', 'binary'], 'lines');
  if (format === 'binary' && (is !== 'items' || items.format !== 'binary'))
    throw fields.refuse('format', 'lines, u32 or u64: "binary" is for items that were written in binary');
  if (is === 'items' && (format === 'u32' || format === 'u64'))
    throw fields.refuse('format', 'lines or binary for items');
  if (is === 'items' && format === 'lines' && items.format === 'binary')
    throw fields.refuse('format', 'binary, as the items are written');
  const form: ResultForm = {
    from: fields.choice('from', ['file', 'stdout']),
    is,
    format,
    skipLines: fields.whole('skipLines', 0, 1000, 0),
    match: matchOf(fields),
    extension: extensionOf(fields, items.extension),
  };
  if (format !== 'lines' && (form.match !== null || form.skipLines > 0))
    throw fields.refuse(form.match === null ? 'skipLines' : 'match', 'absent: the result has no lines');
  fields.end();
  return form;
}

function matchOf(fields: Fields): RegExp | null {
  if (!fields.has('match')) return null;
  const right = 'a regular expression with one group, which takes the result out of a line';
  const text = fields.text('match', right);
  try {
    // One more alternative, which is empty, matches always and tells how many groups there are.
    if (new RegExp(`${text}|`).exec('')?.length === 2) return new RegExp(text);
  } catch {
    // Refused below.
  }
  throw fields.refuse('match', right);
}

function extensionOf(fields: Fields, fallback: string): string {
  const right = 'the end of a file name with its dot, such as .csv';
  const extension = fields.text('extension', right, fallback);
  if (!/^\.[A-Za-z0-9.]{1,16}$/.test(extension)) throw fields.refuse('extension', right);
  return extension;
}

function rolesOf(fields: Fields, key: string): readonly ProgramRole[] {
  const right = 'a list of receiver or sender';
  const roles = fields.list(key, right, 0, []);
  if (roles.some((role) => role !== 'receiver' && role !== 'sender')) throw fields.refuse(key, right);
  return roles as readonly ProgramRole[];
}

function limitsOf(fields: Fields): Readonly<Record<ProgramRole, number>> {
  if (!fields.has('limits')) return { receiver: MAX_ITEMS, sender: MAX_ITEMS };
  const inner = fields.inner('limits');
  const limits = {
    receiver: inner.whole('receiver', 1, MAX_ITEMS, MAX_ITEMS),
    sender: inner.whole('sender', 1, MAX_ITEMS, MAX_ITEMS),
  };
  inner.end();
  return limits;
}
