/** Reads the keys of a JSON object one by one: whatever is wrong is one line that names the key and what is right. */
import { UsageError } from '../../errors.ts';
import { didYouMean } from '../../words.ts';

export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #asked = new Set<string>();
  readonly #where: string;
  readonly #file: string;

  /**
   * @param where the key that holds this object, with a dot after it; '' for the whole file
   * @throws UsageError when `value` is no object
   */
  constructor(value: unknown, where: string, file: string) {
    this.#where = where;
    this.#file = file;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const what = where === '' ? 'it' : `"${where.slice(0, -1)}"`;
      throw new UsageError(`${file}: ${what} must be an object { … }, not ${shown(value)}`);
    }
    this.#values = value as Record<string, unknown>;
  }

  has(key: string): boolean {
    this.#asked.add(key);
    return this.#values[key] !== undefined;
  }

  #of(key: string): unknown {
    this.#asked.add(key);
    return this.#values[key];
  }

  /** Refuses the value of `key`: `right` says what it must be. */
  refuse(key: string, right: string): UsageError {
    const value = this.#values[key];
    const fault = value === undefined ? 'is missing' : `is ${shown(value)}`;
    return new UsageError(`${this.#file}: "${this.#where}${key}" ${fault}: it must be ${right}`);
  }

  /** Words that say something; `fallback` where the key is absent. */
  text(key: string, right = 'text that says something', fallback?: string): string {
    const value = this.#of(key) ?? fallback;
    if (typeof value !== 'string' || (value.trim() === '' && value !== fallback))
      throw this.refuse(key, right);
    return value;
  }

  flag(key: string, fallback?: boolean): boolean {
    const value = this.#of(key) ?? fallback;
    if (typeof value !== 'boolean') throw this.refuse(key, 'true or false');
    return value;
  }

  choice<const Word extends string>(key: string, words: readonly Word[], fallback?: Word): Word {
    const value = this.#of(key) ?? fallback;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw this.refuse(key, `one of ${words.join(', ')}`);
    return word;
  }

  /** A whole number from `least` to `most`. */
  whole(key: string, least: number, most: number, fallback?: number): number {
    const value = this.#of(key) ?? fallback;
    if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
      throw this.refuse(key, `a whole number from ${least} to ${most}`);
    }
    return Number(value);
  }

  /** A number that `isRight`, or null. */
  numberOrNull(key: string, right: string, isRight: (value: number) => boolean): number | null {
    const value = this.#of(key);
    if (value === null) return null;
    if (typeof value !== 'number' || !isRight(value)) throw this.refuse(key, right);
    return value;
  }

  /** A list of strings, at least `least` of them. */
  list(key: string, right: string, least: number, fallback?: readonly string[]): readonly string[] {
    const value = this.#of(key) ?? fallback;
    const isList = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
    if (!isList || value.length < least) throw this.refuse(key, right);
    return value as readonly string[];
  }

  /** Names and texts. */
  texts(key: string, right: string): Readonly<Record<string, string>> {
    const value = this.#of(key) ?? {};
    const isRight =
      typeof value === 'object' &&
      !Array.isArray(value) &&
      Object.values(value).every((entry) => typeof entry === 'string');
    if (!isRight) throw this.refuse(key, right);
    return value as Record<string, string>;
  }

  /** The object at `key`. */
  inner(key: string): Fields {
    const value = this.#of(key);
    if (value === undefined) throw this.refuse(key, 'an object { … }');
    return new Fields(value, `${this.#where}${key}.`, this.#file);
  }

  /** @throws UsageError when there is a key that nobody asked for */
  end(): void {
    const unknown = Object.keys(this.#values).find((key) => !this.#asked.has(key));
    if (unknown === undefined) return;
    const known = [...this.#asked];
    throw new UsageError(
      `${this.#file}: there is no key "${this.#where}${unknown}".${didYouMean(unknown, known)} There are ${known.join(', ')}`,
    );
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
