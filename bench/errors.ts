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
