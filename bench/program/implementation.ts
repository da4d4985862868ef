/** From a description to an implementation of the contract: everything else of the harness works as for any other. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Implementation } from '../contract.ts';
import { messageOf, UsageError } from '../errors.ts';
import { type ProgramDescription, parseDescription } from './description/description.ts';
import { fillPlaces } from './description/places.ts';
import { ProgramParty } from './party.ts';
import { filesOfCommand, findExecutable } from './process/executable.ts';

const VERSION_MS = 10_000;
const VERSION_SHOWN = 60;

async function read(path: string): Promise<ProgramDescription> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  return parseDescription(text, path);
}

/**
 * The implementation that the file at `path` describes.
 * @param askVersion whether to ask the program for its version, for the record
 * @throws UsageError when the description is wrong
 */
export async function programImplementation(path: string, askVersion: boolean): Promise<Implementation> {
  const description = await read(path);
  const home = dirname(resolve(path));
  const { commands, items, result, summary, tried, install } = description;
  const engine = engineOf(description, askVersion ? await versionOf(description, home) : null);
  return {
    id: description.id,
    title: description.title,
    summary: tried ? summary : `${summary} (This description has not been tried.)`,
    references: description.references,
    version: description.version,
    kind: description.kind,
    build: 'native',
    security: description.security,
    options: {},
    unseeded: 'the program draws its own randomness',
    outputs: [result.is === 'count' ? 'cardinality' : 'intersection'],
    threads: description.threads,
    limits: description.limits,
    program: {
      tried,
      anyBytes: items.format !== 'text' && (items.map === 'digest' || items.format === 'hex'),
    },
    async available() {
      for (const role of ['receiver', 'sender'] as const) {
        const [name = ''] = commands[role];
        if ((await findExecutable(name, home)) === null)
          return `the program ${name} is not installed: ${install}`;
      }
      return true;
    },
    engine: () => engine,
    receiver: (session) => new ProgramParty(description, home, session, 'receiver'),
    sender: (session) => {
      const party = new ProgramParty(description, home, session, 'sender');
      return {
        prepare: (own) => party.prepare(own),
        online: async (own) => void (await party.online(own)),
        close: () => party.close(),
      };
    },
  };
}

function engineOf({ commands }: ProgramDescription, version: string | null): string {
  const name = basename(commands.receiver[0] ?? '');
  return version === null ? name : `${name} (${version})`;
}

/** The first line that the version command prints; null when there is none. */
async function versionOf({ versionCommand }: ProgramDescription, folder: string): Promise<string | null> {
  const [name, ...args] = versionCommand ?? [];
  const executable = name === undefined ? null : await findExecutable(name, folder);
  if (executable === null) return null;
  try {
    const words = args.map((word) => fillPlaces(word, { folder }));
    const { stdout, stderr } = await promisify(execFile)(executable, words, {
      timeout: VERSION_MS,
      cwd: folder,
    });
    const line = `${stdout}\n${stderr}`.split('\n').find((candidate) => candidate.trim() !== '');
    return (
      line
        ?.trim()
        .replaceAll(/[^\x20-\x7e]/g, '.')
        .slice(0, VERSION_SHOWN) ?? null
    );
  } catch {
    return null;
  }
}

/** What a described program consists of on this machine: its description, programs, and files that it names. */
export async function filesOfProgram(path: string): Promise<string[]> {
  const { commands, files } = await read(path);
  const home = dirname(resolve(path));
  const parts = await Promise.all(
    [commands.receiver, commands.sender].map((words) => filesOfCommand(words, home)),
  );
  const named = files.map((file) => resolve(home, fillPlaces(file, { folder: home })));
  return [...new Set([resolve(path), ...parts.flat(), ...named])];
}
