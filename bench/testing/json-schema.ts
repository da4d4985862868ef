/** What commands print as JSON, held to the schemas of `docs/schema`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export const SCHEMA_FOLDER = new URL('../../docs/schema/', import.meta.url);

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with `value` after the schema of this name (`run.v1`, say); '' when nothing is. */
export function faultsOf(name: string, value: unknown): string {
  const known = compiled.get(name);
  const validate =
    known ?? ajv.compile(JSON.parse(readFileSync(new URL(`${name}.json`, SCHEMA_FOLDER), 'utf8')));
  compiled.set(name, validate);
  // As it is read: NaN and Infinity are null there, and what is undefined is absent.
  validate(JSON.parse(JSON.stringify(value)));
  return (validate.errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join('\n');
}

/** @throws AssertionError naming every place of `value` that is not as the schema says */
export function assertMatches(name: string, value: unknown): void {
  assert.equal(faultsOf(name, value), '');
}
