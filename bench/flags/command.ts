/** A command of the command line: declared once, with the flags that the table gives it. */
import type { Argv, CommandModule } from 'yargs';
import { UsageError } from '../errors.ts';
import { type ArgumentsOf, flagsOf } from './index.ts';
import {
  camelCase,
  type FlagSpec,
  type FlagUse,
  type PositionalSpec,
  type Positionals,
  type PositionalValues,
} from './spec.ts';

/** What a command does; resolves to its exit code. `given` names the flags that stand on the command line. */
type Action<Name extends string, Table extends Positionals> = (
  values: ArgumentsOf<Name> & PositionalValues<Table>,
  given: ReadonlySet<string>,
) => Promise<number>;

export interface CommandSpec<Name extends string, Table extends Positionals> {
  /** As the table of flags has it: `run`, `attest verify`. */
  readonly name: Name;
  /** Absent: left out of the help. */
  readonly describe?: string;
  readonly positionals?: Table;
  /** Command line and what it is for. */
  readonly examples?: readonly (readonly [line: string, what: string])[];
  readonly epilogue?: string;
  readonly run: Action<Name, Table>;
}

/** A command, or a group of them such as `attest`. */
export interface Command {
  readonly name: string;
  readonly module: CommandModule;
  readonly children: readonly Command[];
}

export function defineCommand<Name extends string, const Table extends Positionals = Record<never, never>>(
  spec: CommandSpec<Name, Table>,
): Command {
  const positionals = Object.entries(spec.positionals ?? {});
  const flags = flagsOf(spec.name);
  return {
    name: spec.name,
    children: [],
    module: {
      command: [spec.name.split(' ').at(-1), ...positionals.map(placeholder)].join(' '),
      describe: spec.describe ?? false,
      builder: (argv: Argv) => {
        let command = argv;
        for (const [name, { help, choices, many }] of positionals) {
          command = command.positional(name, {
            type: 'string',
            describe: help,
            ...(choices && { choices }),
            ...(many && { array: true }),
          });
        }
        for (const [name, flag, use] of flags) command = command.option(name, yargsOption(flag, use));
        for (const [line, what] of spec.examples ?? []) command = command.example(line, what);
        return spec.epilogue === undefined ? command : command.epilogue(spec.epilogue);
      },
      handler: async (argv) => {
        const given = new Set(flags.flatMap(([name]) => (argv[camelCase(name)] === undefined ? [] : [name])));
        for (const [name, flag, use] of flags) {
          if (given.has(name)) check(name, flag, use, argv[camelCase(name)], given);
        }
        const values = Object.fromEntries([
          ...flags.flatMap(([name, flag, use]) => {
            const value = argv[camelCase(name)] ?? use.default ?? flag.default ?? emptyOf(flag);
            return value === undefined ? [] : [[camelCase(name), value]];
          }),
          ...positionals.map(([name, positional]) => [name, positionalValue(argv[name], positional)]),
        ]);
        process.exitCode = await spec.run(values as Parameters<typeof spec.run>[0], given);
      },
    },
  };
}

/** A command that does nothing but lead to others. */
export function defineGroup(name: string, describe: string, children: readonly Command[]): Command {
  const verbs = children.map((child) => child.name.split(' ').at(-1));
  return {
    name,
    children,
    module: {
      command: name,
      describe,
      builder: (argv: Argv) =>
        children
          .reduce((group, { module }) => group.command(module), argv)
          .demandCommand(1, `say what to do: bench ${name} ${verbs.join(', ')}`),
      handler: () => {},
    },
  };
}

function placeholder([name, { many, default: fallback }]: readonly [string, PositionalSpec]): string {
  const inside = many ? `${name}..` : name;
  return fallback === undefined ? `<${inside}>` : `[${inside}]`;
}

function positionalValue(given: unknown, { many, default: fallback }: PositionalSpec): unknown {
  if (many) return Array.isArray(given) && given.length > 0 ? given : (fallback ?? []);
  return given ?? fallback;
}

function emptyOf({ type }: FlagSpec): false | readonly [] | undefined {
  return type === 'switch' ? false : type === 'list' ? [] : undefined;
}

/** Defaults are shown but not set, so that what was given can be told from what was not. */
function yargsOption(flag: FlagSpec, use: FlagUse) {
  const fallback = use.default ?? flag.default ?? flag.defaultHelp;
  return {
    type: ({ text: 'string', number: 'number', switch: 'boolean', list: 'string' } as const)[flag.type],
    describe: use.help ?? flag.help,
    ...(flag.choices && { choices: flag.choices }),
    ...(flag.group !== undefined && { group: flag.group }),
    ...(flag.hidden && { hidden: true }),
    ...(use.required && { demandOption: true }),
    ...(fallback !== undefined && { defaultDescription: String(fallback) }),
    ...(flag.type === 'list' ? { array: true, nargs: 1 } : flag.type !== 'switch' && { requiresArg: true }),
  };
}

/** @throws UsageError when the flag is given twice, its number is out of range, or another flag forbids it */
function check(
  name: string,
  { type, min, whole }: FlagSpec,
  { needs, excludes = [] }: FlagUse,
  value: unknown,
  given: ReadonlySet<string>,
): void {
  if (Array.isArray(value) && type !== 'list') throw new UsageError(`--${name} is given more than once`);
  if (needs !== undefined && !given.has(needs)) throw new UsageError(`--${name} needs --${needs}`);
  const other = excludes.find((flag) => given.has(flag));
  if (other !== undefined) throw new UsageError(`--${name} cannot be combined with --${other}`);
  if (type !== 'number') return;
  const number = Number(value);
  if (!Number.isFinite(number) || number < (min ?? -Infinity) || (whole && !Number.isInteger(number))) {
    const kind = whole ? 'a whole number' : 'a number';
    throw new UsageError(`--${name} expects ${kind}${min === undefined ? '' : ` of at least ${min}`}`);
  }
}
