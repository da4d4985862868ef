/** `bench list`: what there is to measure. */
import type { CommandModule } from 'yargs';
import type { Implementation } from '../contract.ts';
import { findImplementations } from '../implementations/find.ts';
import { describeValues, resolveOptions } from '../implementations/options.ts';

interface Arguments {
  readonly impl: readonly string[];
  readonly json?: boolean;
}

export const listCommand: CommandModule<object, Arguments> = {
  command: 'list [impl..]',
  describe: 'show the implementations: what they trust, how they are built, whether they can run here',
  builder: (argv) =>
    argv
      .positional('impl', { type: 'string', array: true, default: [], describe: 'ids or paths; all without' })
      .option('json', { type: 'boolean', describe: 'one JSON array on stdout' })
      .example('$0 list', 'all implementations')
      .example('$0 list ./my-psi.ts', 'your own') as never,
  handler: async ({ impl, json }) => {
    const located = await findImplementations(impl.length > 0 ? impl : ['all']);
    const facts = await Promise.all(located.map(({ implementation }) => factsOf(implementation)));
    process.stdout.write(json ? `${JSON.stringify(facts, null, 2)}\n` : `${facts.map(show).join('\n')}`);
  },
};

async function factsOf(implementation: Implementation) {
  const { id, title, summary, version, build, security, options, references } = implementation;
  const available = await implementation.available(resolveOptions(implementation, {}));
  return { id, title, summary, version, build, security, options, references, available };
}

function show(facts: Awaited<ReturnType<typeof factsOf>>): string {
  const { security } = facts;
  const learns = Object.entries(security.learns).filter(([, what]) => what);
  const lines = [
    `${facts.id}  ${facts.title} (${facts.build}, version ${facts.version})`,
    `  ${facts.summary}`,
    `  trust: ${security.trust}; model: ${security.model}; ${security.private ? 'private' : 'NOT private'}`,
    ...learns.map(([role, what]) => `  the ${role} also learns: ${what}`),
    `  ${facts.available === true ? 'available' : `unavailable: ${facts.available}`}`,
    ...Object.entries(facts.options).map(
      ([name, spec]) =>
        `  --set ${facts.id}.${name}=…  ${spec.description} (${describeValues(spec)}; default ${spec.default})`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
