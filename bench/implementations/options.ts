/** From what the user typed to the complete, typed values of an implementation's options. */
import type { Implementation, OptionSpec, OptionValues } from '../contract.ts';
import { UsageError } from '../errors.ts';
import { didYouMean } from '../words.ts';

/** The user asked for an option or a value that the implementation does not have. One line, for the user. */
export class OptionError extends UsageError {
  override name = 'OptionError';
}

/**
 * The values of all options of `implementation`: the defaults, replaced by those `given`. Values may be
 * strings as typed (`'true'`, `'0x10'` is refused, `'1e3'` is 1000) or already of the declared type.
 *
 * @throws {OptionError} for an unknown option, a value of the wrong type or out of range; the message
 *   lists what is valid and suggests the nearest.
 */
export function resolveOptions(
  implementation: Pick<Implementation, 'id' | 'options'>,
  given: Readonly<Record<string, string | number | boolean>> = {},
): OptionValues {
  const specs = implementation.options;
  const values: Record<string, string | number | boolean> = {};
  for (const [name, spec] of Object.entries(specs)) values[name] = spec.default;
  for (const [name, value] of Object.entries(given)) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) throw unknownOption(implementation.id, name, Object.keys(specs));
    values[name] = optionValue(`${implementation.id}.${name}`, spec, value);
  }
  return values;
}

/** What `spec` admits, in a few words: for error messages and `bench list`. */
export function describeValues(spec: OptionSpec): string {
  if (spec.type === 'enum') return spec.values.join(', ');
  if (spec.type === 'boolean') return 'true, false';
  return `a number from ${spec.min} to ${spec.max}`;
}

/**
 * Takes `<implementation>.<option>=<value>` apart, e.g. `hash.salt=true`. Neither an implementation's
 * id nor an option's name has a dot or an equals sign; the value may have both.
 *
 * @throws {OptionError} if it is not of that form
 */
export function parseSetting(text: string): { implementation: string; option: string; value: string } {
  const match = /^([^.=]+)\.([^.=]+)=(.*)$/s.exec(text);
  if (match === null) {
    throw new OptionError(
      `invalid setting "${text}": write <implementation>.<option>=<value>, e.g. hash.salt=true`,
    );
  }
  return { implementation: match[1]!.trim(), option: match[2]!.trim(), value: match[3]!.trim() };
}

function unknownOption(id: string, name: string, names: readonly string[]): OptionError {
  if (names.length === 0) return new OptionError(`${id} has no options, so "${name}" cannot be set.`);
  return new OptionError(
    `${id} has no option "${name}".${didYouMean(name, names)} Its options are ${names.join(', ')}.`,
  );
}

function optionValue(
  name: string,
  spec: OptionSpec,
  value: string | number | boolean,
): string | number | boolean {
  const refuse = (hint = '') =>
    new OptionError(`${name} cannot be "${value}".${hint} Valid: ${describeValues(spec)}.`);
  switch (spec.type) {
    case 'enum': {
      const text = String(value);
      if (!spec.values.includes(text)) throw refuse(didYouMean(text, spec.values));
      return text;
    }
    case 'boolean': {
      const text = String(value).toLowerCase();
      if (text !== 'true' && text !== 'false') throw refuse();
      return text === 'true';
    }
    case 'number': {
      const isNumber =
        typeof value === 'number' || /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(String(value));
      const number = Number(value);
      if (typeof value === 'boolean' || !isNumber || !(number >= spec.min && number <= spec.max))
        throw refuse();
      return number;
    }
  }
}
