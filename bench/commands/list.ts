/** `bench list`: what there is to measure. */

import type { Implementation } from '../contract.ts';
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { findImplementations } from '../implementations/find.ts';
import { describeValues, resolveOptions } from '../implementations/options.ts';
import { splitList } from '../words.ts';

export const listCommand = defineCommand({
  name: 'list',
  describe: 'show the implementations: what they trust, how they are built, whether they can run here',
  positionals: { impl: { many: true, default: ['all'], help: 'ids or paths; all without' } },
  examples: [
    ['$0 list', 'all implementations'],
    ['$0 list ./my-psi.ts', 'your own'],
  ],
  run: async ({ impl, json }) => {
    const located = await findImplementations(impl.flatMap(splitList));
    const facts = await Promise.all(located.map(({ implementation }) => factsOf(implementation)));
    process.stdout.write(json ? `${JSON.stringify(facts, null, 2)}\n` : `${facts.map(show).join('\n')}`);
    return ExitCode.fine;
  },
});

async function factsOf(implementation: Implementation) {
  const { id, title, summary, version, build, security, options, references, program } = implementation;
  const available = await implementation.available(resolveOptions(implementation, {}));
  return { id, title, summary, version, build, security, options, references, available, program };
}

function triedText(tried: boolean): string {
  return tried ? 'tried by its author' : 'not tried: from its documents and source';
}

function show(facts: Awaited<ReturnType<typeof factsOf>>): string {
  const { security } = facts;
  const learns = Object.entries(security.learns).filter(([, what]) => what);
  const lines = [
    `${facts.id}  ${facts.title} (${facts.build}, version ${facts.version})`,
    `  ${facts.summary}`,
    `  trust: ${security.trust}; model: ${security.model}; ${security.private ? 'private' : 'NOT private'}`,
    ...learns.map(([role, what]) => `  the ${role} also learns: ${what}`),
    ...(facts.program
      ? [`  a program of others, by its description (${triedText(facts.program.tried)})`]
      : []),
    `  ${facts.available === true ? 'available' : `unavailable: ${facts.available}`}`,
    ...Object.entries(facts.options).map(
      ([name, spec]) =>
        `  --set ${facts.id}.${name}=…  ${spec.description} (${describeValues(spec)}; default ${spec.default})`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
