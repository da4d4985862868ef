/** What the image of a server says beside its code: measured, so that a client pins it as well. */
export interface ServerSettings {
  /** Path of the server's first module within the image. */
  readonly entry: string;
  /** TCP ports that it listens on. */
  readonly ports: readonly number[];
  /** `process.argv` behind the path. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}
