/** Keys that were attested to clients who asked to reuse the document; the oldest go first. */
const MAX_KEYS = 256;
/** Longer than any client may reuse a document: see `MAX_REUSE_SECONDS` in `open-stream.ts`. */
const LIFETIME_MS = 2 * 3_600_000;

export class KeyMemory<KeyPair> {
  readonly #keys = new Map<string, { readonly pair: KeyPair; readonly made: number }>();

  add(publicKey: Uint8Array, service: string, pair: KeyPair): void {
    this.#keys.set(nameOf(publicKey, service), { pair, made: Date.now() });
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > MAX_KEYS && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** The pair of a key that was attested for this very service; `undefined` when it is forgotten. */
  get(publicKey: Uint8Array, service: string): KeyPair | undefined {
    const name = nameOf(publicKey, service);
    const known = this.#keys.get(name);
    if (known && Date.now() - known.made <= LIFETIME_MS) return known.pair;
    this.#keys.delete(name);
    return undefined;
  }
}

function nameOf(publicKey: Uint8Array, service: string): string {
  return `${Buffer.from(publicKey).toString('hex')} ${service}`;
}
