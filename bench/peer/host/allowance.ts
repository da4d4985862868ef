/**
 * What the owner of the sender's host allows others to ask of it: what its command line says, and nothing
 * beyond it.
 */
import { type DatasetSpec, validateSpec } from '../../../datasets/dataset.ts';
import type { OptionValues, Role } from '../../contract.ts';
import type { Located } from '../../implementations/find.ts';
import { parseSetting, resolveOptions } from '../../implementations/options.ts';
import { formatOutput, offers } from '../../implementations/output.ts';
import type { PartyTask } from '../../party/messages.ts';
import { rolesOf } from '../../terms.ts';
import { printable } from '../wire/fields.ts';
import type { RemoteTask } from '../wire/messages.ts';
import type { OwnData } from './own-data.ts';

export const OWN_ROLE: Role = 'sender';

export interface Allowance {
  readonly implementations: readonly Located[];
  /** `impl.option=value` as for `bench run --set`: values that may be asked for beside the defaults. */
  readonly settings: readonly string[];
  /** Largest sets, of either party. */
  readonly maxItems: number;
  readonly maxThreads: number;
  /** Processes at the same time. */
  readonly maxParties: number;
  /** The owner's file: parties play with it and nothing else. null: with generated data. */
  readonly own: OwnData | null;
  /**
   * What a party finds in its environment besides, when the other host says that an enclave it emulates
   * proves itself under `root`.
   */
  environment(root: string | null): Readonly<Record<string, string>>;
}

/** Allowed values by `impl.option`. @throws OptionError when a setting fits no implementation that is allowed. */
function allowedValues({ implementations, settings }: Allowance): Map<string, OptionValues[string][]> {
  const allowed = new Map<string, OptionValues[string][]>();
  for (const setting of settings) {
    const { implementation: id, option, value } = parseSetting(setting);
    const located = implementations.find(({ implementation }) => implementation.id === id);
    if (!located) throw new Error(`--set ${setting}: "${id}" is not among the allowed implementations`);
    const resolved = resolveOptions(located.implementation, { [option]: value })[option];
    const name = `${id}.${option}`;
    if (resolved !== undefined) allowed.set(name, [...(allowed.get(name) ?? []), resolved]);
  }
  return allowed;
}

/** @throws Error when the allowance itself makes no sense. */
export function checkAllowance(allowance: Allowance): void {
  allowedValues(allowance);
}

/**
 * What is asked of this host, in its own terms.
 * @throws Error saying what is not allowed, and how the owner would allow it
 */
export function allowedTask(task: RemoteTask, allowance: Allowance): PartyTask {
  const located = allowance.implementations.find(({ implementation }) => implementation.id === task.id);
  if (!located) {
    const known = allowance.implementations.map(({ implementation }) => implementation.id).join(', ');
    throw new Error(`"${printable(task.id, 60)}" is not allowed there (--impl): ${known} are`);
  }
  const { implementation, module } = located;
  if (implementation.version !== task.version) {
    throw new Error(
      `its ${task.id} is of version ${implementation.version}, asked for ${printable(task.version, 60)}`,
    );
  }
  if (!offers(implementation, task.output)) {
    throw new Error(`its ${task.id} has no output "${formatOutput(task.output)}"`);
  }
  const { maxItems, maxThreads } = allowance;
  for (const [role, size] of Object.entries(task.sizes)) {
    if (size > maxItems) {
      throw new Error(`it allows sets of ${maxItems} items (--max-size), asked for ${size} at the ${role}`);
    }
  }
  if (task.threads < 1 || task.threads > maxThreads) {
    throw new Error(`it allows ${maxThreads} threads (--max-threads), asked for ${task.threads}`);
  }
  return {
    role: OWN_ROLE,
    roles: rolesOf(implementation),
    implementation: { module, id: implementation.id },
    dataset: allowedData(task, allowance.own),
    sizes: task.sizes,
    options: allowedOptions(located, task.options, allowance),
    output: task.output,
    threads: task.threads,
    token: task.token,
    protocolSeed: null,
  };
}

/** The data set that is asked for: the owner's file, or a generated one, as the owner said. */
function allowedData({ dataset, sizes }: RemoteTask, own: OwnData | null): DatasetSpec {
  if (own) {
    if (dataset !== 'own') throw new Error('it plays with its own file and generates no data');
    if (sizes.sender !== own.facts.items) throw new Error(`its set has ${own.facts.items} items`);
    return own.spec;
  }
  if (dataset === 'own') throw new Error('it has no file: its owner would give one by --file');
  validateSpec(dataset);
  if (dataset.receiverSize !== sizes.receiver || dataset.senderSize !== sizes.sender) {
    throw new Error('the sizes are not those of the data set');
  }
  return dataset;
}

/** The options asked for, all of them defaults or values that the owner allowed. */
function allowedOptions(
  { implementation }: Located,
  asked: OptionValues,
  allowance: Allowance,
): OptionValues {
  const options = resolveOptions(implementation, asked);
  const allowed = allowedValues(allowance);
  for (const [name, value] of Object.entries(options)) {
    const setting = `${implementation.id}.${name}`;
    if (value !== implementation.options[name]?.default && !allowed.get(setting)?.includes(value)) {
      throw new Error(
        `it does not allow ${setting}=${printable(String(value), 60)}: its owner would by --set`,
      );
    }
  }
  return options;
}
