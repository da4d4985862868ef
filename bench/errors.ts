/** The command line asks for something that cannot be done: exit code 2, one line, no stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A party, or the wire, did not do what the contract demands. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

/** The other party is gone or its connection is. */
export class PeerGoneError extends Error {
  override name = 'PeerGoneError';
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** Exit codes of the command line. */
export const ExitCode = { fine: 0, usage: 2, broken: 3, interrupted: 130 } as const;

/** Names of the errors that mean: what was asked for cannot be done as asked. */
const USAGE_ERRORS: readonly string[] = ['UsageError', 'OptionError', 'DatasetError', 'RecordError'];

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Error && USAGE_ERRORS.includes(error.name) ? ExitCode.usage : ExitCode.broken;
}
