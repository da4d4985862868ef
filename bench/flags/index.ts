/**
 * The one table of flags: name, type, group, help, default and the commands that take each. Types of a
 * command's arguments are inferred from it, the help and the shell completion are made of it, and a flag that
 * a command does not take is refused.
 */
import { ATTESTATION_FLAGS } from './attestation.ts';
import { MEASUREMENT_FLAGS } from './measurement.ts';
import { OTHER_FLAGS } from './others.ts';
import type { FlagSpec, FlagUse, FlagValues } from './spec.ts';

const TABLE = { ...MEASUREMENT_FLAGS, ...OTHER_FLAGS, ...ATTESTATION_FLAGS };

/** All flags, in the order of the help. */
export const FLAGS: ReadonlyMap<string, FlagSpec> = new Map(Object.entries(TABLE));

/** Flags that are part of what a run was asked for, which `--resume` reads from the record. */
export const REQUEST_FLAGS: readonly string[] = Object.keys(MEASUREMENT_FLAGS);

/** The flags of a command, by their names (`receiverSize`). */
export type ArgumentsOf<Command extends string> = FlagValues<typeof TABLE, Command>;

/** The flags that `command` takes, and how. */
export function flagsOf(command: string): (readonly [name: string, flag: FlagSpec, use: FlagUse])[] {
  return [...FLAGS].flatMap(([name, flag]) => {
    const use = Object.hasOwn(flag.commands, command) ? flag.commands[command] : undefined;
    return use === undefined ? [] : [[name, flag, use] as const];
  });
}
