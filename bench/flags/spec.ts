/** What a flag is, and the types that follow from how it is declared. */

/** How one command takes a flag. */
export interface FlagUse {
  /** In place of the flag's own default. */
  readonly default?: string | number;
  readonly required?: true;
  /** In place of the flag's own help. */
  readonly help?: string;
  /** Means nothing without this other flag: refused then. */
  readonly needs?: string;
  /** Cannot be combined with these: refused then. */
  readonly excludes?: readonly string[];
}

/** A flag, declared once. `commands` are those that take it; every other command refuses it. */
export interface FlagSpec {
  /** A `list` is repeatable; a `switch` takes no value. */
  readonly type: 'text' | 'number' | 'switch' | 'list';
  readonly group?: string;
  readonly help: string;
  readonly choices?: readonly (string | number)[];
  readonly default?: string | number;
  /** What the help says of a default that the command works out. */
  readonly defaultHelp?: string;
  /** Of numbers. */
  readonly min?: number;
  readonly whole?: true;
  /** Left out of the help. */
  readonly hidden?: true;
  /**
   * Where something lies, or what a host is called, is nobody's business in a record: what stands there in
   * place of the value; `name`: the last parts of its paths.
   */
  readonly recorded?: 'name' | 'FILE' | 'FOLDER' | 'HOST:PORT';
  readonly commands: Readonly<Record<string, FlagUse>>;
}

export type Flags = Readonly<Record<string, FlagSpec>>;

/** An argument that has no flag, in the order of the command line. */
export interface PositionalSpec {
  readonly help: string;
  readonly choices?: readonly string[];
  /** Takes all that follow: none at all is allowed where `default` is given. */
  readonly many?: true;
  readonly default?: string | readonly string[];
}

export type Positionals = Readonly<Record<string, PositionalSpec>>;

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

type Value<Flag extends FlagSpec> = Flag['type'] extends 'switch'
  ? boolean
  : Flag extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : Flag['type'] extends 'list'
      ? readonly string[]
      : Flag['type'] extends 'number'
        ? number
        : string;

/** Whether a command always has a value: by default, or because it demands one. */
type IsPresent<Flag extends FlagSpec, Command extends string> = Flag['type'] extends 'switch' | 'list'
  ? true
  : Flag extends { readonly default: string | number }
    ? true
    : Flag['commands'][Command] extends { readonly default: string | number } | { readonly required: true }
      ? true
      : false;

type NameIf<
  Table extends Flags,
  Name extends keyof Table,
  Command extends string,
  Present,
> = Command extends keyof Table[Name]['commands']
  ? IsPresent<Table[Name], Command> extends Present
    ? Camel<Name & string>
    : never
  : never;

/** The values of the flags that `Command` takes. */
export type FlagValues<Table extends Flags, Command extends string> = {
  readonly [Name in keyof Table as NameIf<Table, Name, Command, true>]: Value<Table[Name]>;
} & {
  readonly [Name in keyof Table as NameIf<Table, Name, Command, false>]?: Value<Table[Name]>;
};

export type PositionalValues<Table extends Positionals> = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly many: true }
    ? readonly string[]
    : Table[Name] extends { readonly choices: readonly (infer Choice)[] }
      ? Choice
      : string;
};

/** `receiver-size` → `receiverSize`, as values are called. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
