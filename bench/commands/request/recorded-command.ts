/** The command line as a record keeps it: as it was typed, except for where things lie and what hosts are called. */
import { basename } from 'node:path';
import { FLAGS } from '../../flags/index.ts';
import type { FlagSpec } from '../../flags/spec.ts';
import { withoutFolder } from '../../implementations/module-path.ts';

/** `bench <words>`, for a shell. Of paths and hosts it says what the table of flags allows. */
export function recordedCommand(words: readonly string[]): string {
  const kept = words.map((word, i) => {
    const [, flag, value] = /^--([\w-]+)=(.*)$/s.exec(word) ?? [];
    if (flag !== undefined && value !== undefined) return `--${flag}=${keptOf(flag, value)}`;
    const before = /^--([\w-]+)$/.exec(words[i - 1] ?? '')?.[1];
    return before === undefined || word.startsWith('--') ? word : keptOf(before, word);
  });
  return ['bench', ...kept.map(quoted)].join(' ');
}

function keptOf(flag: string, value: string): string {
  // The parser takes `--receiverFile` as well.
  const name = flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const { recorded }: Partial<FlagSpec> = FLAGS.get(name) ?? {};
  if (recorded === undefined) return value;
  if (recorded !== 'name') return recorded;
  return name === 'impl' ? value.split(',').map(withoutFolder).join(',') : basename(value);
}

/** A word of a command line as a shell would need it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./^-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
