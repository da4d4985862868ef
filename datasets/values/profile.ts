/** What the values of a column look like, without saying what they are. */

/** Faults that values bear the marks of, by what did it. */
const DAMAGES = {
  /** 1.67683E+15: digits that a spreadsheet has thrown away. */
  scientific: /^[+-]?\d(?:[.,]\d+)?[eE]\+?\d{1,3}$/,
  /** ="00123": a formula that keeps zeros. */
  formula: /^=/,
  /** #N/A, #REF!, #NAME?: what a formula could not work out. */
  formulaError: /^#(?:N\/A|REF!|NAME\?|VALUE!|DIV\/0!|NUM!|NULL!|#+)$/,
  /** 123.0: a whole number that was read as one with fractions, as for columns with gaps. */
  fraction: /^\d{3,}\.0$/,
  /** The mark for a character that was lost. */
  replaced: /\ufffd/,
  /** Ã¼ for ü: UTF-8 that was read in another encoding. */
  mojibake:
    /[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]/,
  /** N/A, NULL, none: words that say that there is no value. */
  missing: /^(?:n\/?a|n\.a\.|nan|nil|null|none|unknown|undefined|missing|keine?|-+|\?+|\.)$/i,
} as const;

export type Damage = keyof typeof DAMAGES;

/** Could any be damaged? One look for nearly all values. */
const SUSPECT = /^(?:[=#?.-]|[nukm][^\d]*$)|[eE]\+?\d{1,3}$|\.0$|[\ufffdÃÂ]/i;

const DATES: readonly (readonly [string, RegExp])[] = [
  ['year-month-day', /^\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?$/],
  ['yyyymmdd', /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/],
  ['with slashes', /^\d{1,4}\/\d{1,2}\/\d{1,4}$/],
  ['with dots', /^\d{1,2}\.\d{1,2}\.\d{2,4}$/],
  ['dd-mm-yyyy', /^\d{1,2}-\d{1,2}-\d{4}$/],
];

/** So many values are looked at closely; damage is sought in all. */
const EXAMINED = 2 ** 14;
const EXAMPLES = 2;

/** The values of one column. Shares are of the values examined, 0 to 1. */
export interface ValueProfile {
  /** Values that are not empty. */
  readonly values: number;
  readonly damages: Readonly<Partial<Record<Damage, number>>>;
  readonly minLength: number;
  readonly maxLength: number;
  /** The length that most have, and the share that has it. */
  readonly usualLength: number;
  readonly usualLengthShare: number;
  readonly leadingZeroShare: number;
  readonly digitsOnlyShare: number;
  readonly upperCaseShare: number;
  readonly lowerCaseShare: number;
  /** How most values are written that look like dates; null when most do not. */
  readonly dates: string | null;
  /** The shapes of two values that differ. */
  readonly examples: readonly string[];
}

/**
 * A value's shape: `9` for a digit (0 in front stays 0), `A` and `a` for letters, other characters as
 * they are. It shows how a value is written, not which it is.
 */
export function shapeOf(value: string): string {
  const zeros = /^0*(?=\d)/.exec(value)?.[0].length ?? 0;
  const rest = value
    .slice(zeros)
    .replace(/\p{Nd}/gu, '9')
    .replace(/[\p{Lu}\p{Lt}]/gu, 'A')
    .replace(/[\p{Ll}\p{Lo}\p{Lm}]/gu, 'a');
  const shape = '0'.repeat(zeros) + rest;
  return shape.length > 40 ? `${shape.slice(0, 39)}…` : shape;
}

/** Gathers a {@link ValueProfile}, value by value. */
export class ValueProfiler {
  #values = 0;
  readonly #damages = new Map<Damage, number>();
  readonly #lengths = new Map<number, number>();
  readonly #dates = new Map<string, number>();
  readonly #examples = new Set<string>();
  #examined = 0;
  #leadingZeros = 0;
  #digitsOnly = 0;
  #upperCase = 0;
  #lowerCase = 0;

  add(raw: string): void {
    const value = raw.trim();
    if (value === '') return;
    this.#values++;
    if (SUSPECT.test(value)) this.#addDamage(value);
    if (this.#examined < EXAMINED) this.#examine(value);
  }

  #addDamage(value: string): void {
    for (const damage of Object.keys(DAMAGES) as Damage[]) {
      if (!DAMAGES[damage].test(value)) continue;
      this.#damages.set(damage, (this.#damages.get(damage) ?? 0) + 1);
      return;
    }
  }

  #examine(value: string): void {
    this.#examined++;
    this.#lengths.set(value.length, (this.#lengths.get(value.length) ?? 0) + 1);
    if (/^0\d/.test(value)) this.#leadingZeros++;
    if (/^\d+$/.test(value)) this.#digitsOnly++;
    if (/\p{Lu}/u.test(value) && !/\p{Ll}/u.test(value)) this.#upperCase++;
    if (/\p{Ll}/u.test(value) && !/\p{Lu}/u.test(value)) this.#lowerCase++;
    const form = DATES.find(([, pattern]) => pattern.test(value))?.[0];
    if (form) this.#dates.set(form, (this.#dates.get(form) ?? 0) + 1);
    if (this.#examples.size < EXAMPLES) this.#examples.add(shapeOf(value));
  }

  get profile(): ValueProfile {
    const share = (count: number) => (this.#examined === 0 ? 0 : count / this.#examined);
    const [usualLength, usualCount] = mostOf(this.#lengths) ?? [0, 0];
    const dates = mostOf(this.#dates);
    return {
      values: this.#values,
      damages: Object.fromEntries(this.#damages),
      minLength: this.#lengths.size === 0 ? 0 : Math.min(...this.#lengths.keys()),
      maxLength: Math.max(...this.#lengths.keys(), 0),
      usualLength,
      usualLengthShare: share(usualCount),
      leadingZeroShare: share(this.#leadingZeros),
      digitsOnlyShare: share(this.#digitsOnly),
      upperCaseShare: share(this.#upperCase),
      lowerCaseShare: share(this.#lowerCase),
      dates: dates && share(dates[1]) > 0.5 ? dates[0] : null,
      examples: [...this.#examples],
    };
  }
}

function mostOf<T>(counts: ReadonlyMap<T, number>): readonly [T, number] | null {
  let most: readonly [T, number] | null = null;
  for (const entry of counts) if (!most || entry[1] > most[1]) most = entry;
  return most;
}
