/** Checks of what an implementation says about itself. They start no party. */
import type { Implementation, OptionSpec, Role } from '../../contract.ts';
import { declarationFault } from '../../implementations/kind.ts';
import { resolveOptions } from '../../implementations/options.ts';
import { rolesOf } from '../../terms.ts';
import { type Check, require } from '../context.ts';

const BUILDS = ['ts', 'wasm', 'native', 'enclave', 'enclave-simulated'];

export const declarationChecks: readonly Check[] = [
  {
    name: 'declares itself completely',
    isStatic: true,
    async run(implementation) {
      const { id, references, build, limits, helper } = implementation;
      requireText(id, 'id');
      require(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(
        id,
      ), `"id" is "${id}": it must be words of lower-case letters and digits, joined by hyphens`);
      for (const field of ['title', 'summary', 'version'] as const) requireText(implementation[field], field);
      require(Array.isArray(references) &&
        references.length > 0, '"references" must name at least one paper, standard or page');
      for (const reference of references) requireText(reference, 'references');
      require(BUILDS.includes(build), `"build" is "${build}": it must be one of ${BUILDS.join(', ')}`);
      for (const method of ['available', 'receiver', 'sender'] as const) {
        require(typeof implementation[method] === 'function', `"${method}" must be a function`);
      }
      require(helper === undefined || typeof helper === 'function', '"helper" must be a function or absent');
      for (const [role, limit] of Object.entries(limits ?? {})) {
        require((role === 'receiver' || role === 'sender') &&
          Number.isInteger(limit) &&
          limit >=
            1, `"limits.${role}" is ${limit}: limits are whole numbers from 1, for receiver and sender`);
      }
    },
  },
  {
    name: 'declares what it claims of security',
    isStatic: true,
    async run(implementation) {
      const { security } = implementation;
      require(typeof security === 'object' && security !== null, '"security" is missing');
      require(typeof security.private === 'boolean', '"security.private" must be true or false');
      require(typeof security.postQuantum === 'boolean', '"security.postQuantum" must be true or false');
      for (const field of ['model', 'trust', 'assumption'] as const) {
        requireText(security[field], `security.${field}`);
      }
      const { bits, falsePositiveLog2, learns } = security;
      require(bits === null ||
        (Number.isFinite(bits) && bits > 0), '"security.bits" must be positive, or null');
      require(falsePositiveLog2 === null ||
        (Number.isFinite(falsePositiveLog2) &&
          falsePositiveLog2 <
            0), '"security.falsePositiveLog2" must be a negative exponent, or null for an exact result');
      require(typeof learns === 'object' &&
        learns !== null, '"security.learns" is missing ({} if nobody learns more)');
      const roles = rolesOf(implementation);
      for (const [role, what] of Object.entries(learns)) {
        require(roles.includes(
          role as Role,
        ), `"security.learns" names "${role}", and the parties are ${roles.join(', ')}`);
        require(typeof what === 'string', `"security.learns.${role}" must be a string ('' for nothing)`);
      }
      require(security.private ||
        Object.values(learns).some(
          (what) => what.length > 0,
        ), 'it is declared not private, and "security.learns" does not say who learns what');
    },
  },
  {
    name: 'declares what it is, so that claims can count it right',
    isStatic: true,
    async run(implementation) {
      const fault = declarationFault(implementation);
      require(fault === undefined, fault ?? '');
    },
  },
  {
    name: 'declares options with valid defaults',
    isStatic: true,
    async run(implementation) {
      for (const [name, spec] of Object.entries(implementation.options)) {
        require(/^[a-z][a-zA-Z0-9]*(-[a-z0-9]+)*$/.test(
          name,
        ), `the option "${name}" needs a name of letters, digits and hyphens, so that --set can carry it`);
        requireText(spec.description, `options.${name}.description`);
        requireOption(name, spec);
      }
      const given = Object.fromEntries(
        Object.entries(resolveOptions(implementation)).map(([k, v]) => [k, String(v)]),
      );
      resolveOptions(implementation, given);
    },
  },
  {
    name: 'says whether it can run, what does the work and what it costs',
    isStatic: true,
    async run(implementation, { options }) {
      const available = await implementation.available(options);
      require(available === true ||
        (typeof available === 'string' &&
          available.trim().length >=
            10), 'available() must resolve to true or to a sentence saying what to install');
      if (available === true && implementation.engine !== undefined)
        requireText(implementation.engine(options), 'engine()');
      for (const n of [0, 1, 1000, 2 ** 20])
        requireEstimate(implementation, { receiver: n, sender: n }, options);
      requireEstimate(implementation, { receiver: 2 ** 20, sender: 1 }, options);
    },
  },
];

function requireText(value: unknown, name: string): void {
  require(typeof value === 'string' &&
    value.trim().length > 0, `"${name}" must be a string that says something`);
}

function requireOption(name: string, spec: OptionSpec): void {
  const where = `the option "${name}"`;
  switch (spec.type) {
    case 'enum':
      require(spec.values.length > 0 &&
        new Set(spec.values).size === spec.values.length, `${where} needs different values`);
      require(spec.values.includes(
        spec.default,
      ), `${where} has the default "${spec.default}", which is not one of its values`);
      return;
    case 'number':
      require(spec.min <= spec.default &&
        spec.default <=
          spec.max, `${where} has the default ${spec.default}, outside ${spec.min} to ${spec.max}`);
      return;
    case 'boolean':
      require(typeof spec.default === 'boolean', `${where} needs the default true or false`);
      return;
    default:
      require(false, `${where} has the type "${(spec as { type: unknown }).type}": it must be enum, number or boolean`);
  }
}

function requireEstimate(
  implementation: Implementation,
  sizes: { receiver: number; sender: number },
  options: Parameters<Implementation['available']>[0],
): void {
  const estimate = implementation.estimate?.(sizes, options);
  if (estimate === undefined) return;
  for (const [name, value] of [
    ['wallMs', estimate.wallMs],
    ['peakBytes', estimate.peakBytes ?? 0],
  ] as const) {
    require(Number.isFinite(value) &&
      value >= 0, `estimate() says ${name} = ${value} for ${sizes.receiver} and ${sizes.sender} items`);
  }
}
