/** How a command ends: its exit codes, and the errors that carry one. */

/** Exit codes of every command. When several apply, the first of 2, 3, 1, 4 is taken. */
export const ExitCode = {
  fine: 0,
  /** What was compared or verified differs: a regression, a difference, a document that is refused. */
  difference: 1,
  usage: 2,
  /** A run, a check or a record is broken or missing. */
  broken: 3,
  /** With `--strict`: nothing is wrong, but not everything could be decided. */
  undecided: 4,
  interrupted: 130,
} as const;

/** What the codes mean, for `bench --help` and the documents: the one place that says it. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [ExitCode.fine, 'fine'],
  [ExitCode.difference, 'a regression (compare, ab), a difference (baseline), a refused document (attest)'],
  [ExitCode.usage, 'wrong usage, or input that cannot be read'],
  [ExitCode.broken, 'a run, a check or a report is broken, or a cell is missing'],
  [ExitCode.undecided, 'undecided (compare and ab with --strict)'],
  [ExitCode.interrupted, 'interrupted'],
];

/** An error that was foreseen: one line for the user, no stack, and the exit code of its class. */
export class BenchError extends Error {
  override name = 'BenchError';
  readonly exitCode: number = ExitCode.broken;
}

/** What was asked for cannot be done as asked. */
export class UsageError extends BenchError {
  override name = 'UsageError';
  override readonly exitCode = ExitCode.usage;
}

/** A party, or the wire, did not do what the contract demands. */
export class ProtocolError extends BenchError {
  override name = 'ProtocolError';
}

/** The other party is gone or its connection is. */
export class PeerGoneError extends BenchError {
  override name = 'PeerGoneError';
}

/** What the machine can refuse to a command that is right, in words. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'it is there already, and is no folder',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'this process may open no more files (see ulimit -n)',
  ENFILE: 'the system may open no more files',
  EAGAIN: 'the system may start no more processes or threads (see ulimit -u)',
};

interface SystemError extends Error {
  readonly code: string;
  readonly path?: string;
  readonly syscall?: string;
}

/** Whether the machine refused something: no fault of this program. */
export function isRefusal(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && Object.hasOwn(REFUSALS, String(error.code));
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  if (isRefusal(error)) {
    const { path, syscall, code } = error;
    return `${path === undefined ? (syscall ?? code) : `cannot use ${path}`}: ${REFUSALS[code]}`;
  }
  return error instanceof Error ? error.message || error.name : String(error);
}

/**
 * The exit code for an error that ended a command: that of its class, `usage` for what the machine refused,
 * `broken` for an unforeseen one.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof BenchError) return error.exitCode;
  return isRefusal(error) ? ExitCode.usage : ExitCode.broken;
}
