/** Checks of what else a receiver may be given, and of what is kept between runs. */
import type { Output } from '../../contract.ts';
import { formatOutput } from '../../implementations/output.ts';
import {
  type Check,
  type Context,
  playIn,
  playRight,
  require,
  requireSuccess,
  resultOf,
  scaled,
} from '../context.ts';
import { freshlyKept, type Play } from '../play.ts';
import { type Case, randomCase } from '../sets.ts';

export const outputChecks: readonly Check[] = [
  {
    name: 'gives every output that it declares, and nothing on the wire tells more',
    skip: ({ outputs = ['intersection'] }) =>
      outputs.every((output) => output === 'intersection') ? 'it offers the intersection alone' : undefined,
    async run(implementation, context) {
      const kinds = (implementation.outputs ?? []).filter((kind) => kind !== 'intersection');
      for (const kind of kinds) {
        const outputs: Output[] =
          kind === 'threshold' ? [1, 5, 6].map((atLeast) => ({ kind, atLeast })) : [{ kind }];
        for (const output of outputs) {
          let shape: string | undefined;
          for (const sets of casesOf(context)) {
            const { receiver, sender, expected } = sets;
            const run = await playIn(implementation, context, { receiver, sender, output });
            const where = `${formatOutput(output)} with ${expected.length} shared items`;
            requireSuccess(run, where);
            const right = output.kind === 'threshold' ? expected.length >= output.atLeast : expected.length;
            const result = resultOf(run);
            require(result === right, `${where}: the result is ${String(result)}, not ${right}`);
            shape ??= shapeOf(run);
            require(implementation.program !== undefined ||
              shape === shapeOf(run), `${where}: number or sizes of messages depend on the overlap`);
          }
        }
      }
    },
  },
  {
    name: 'is right again and again in the same processes',
    async run(implementation, context) {
      const kept = freshlyKept();
      const size = scaled(context, 20, 3);
      for (const [i, overlap] of [size, 0, size >> 1].entries()) {
        const sets = randomCase(`again ${i}`, { receiver: size, sender: size }, overlap);
        await playRight(implementation, context, sets, { kept }, `run ${i + 1} of the same processes`);
      }
      const keeps = implementation.keeps ?? [];
      const held = Object.values(kept).reduce((count, store) => count + store.size, 0);
      require(held === 0 ||
        keeps.length > 0, 'it keeps something between runs, and "keeps" does not say what');
    },
  },
];

/** Sets of equal sizes with nothing, half and all of the receiver's items in common. */
function casesOf(context: Context): Case[] {
  const size = scaled(context, 12, 6);
  return [0, 5, size].map((overlap) =>
    randomCase(`output ${overlap}`, { receiver: size, sender: size + 3 }, overlap),
  );
}

/** Messages and bytes of each direction in each phase, in an order of their own. */
function shapeOf({ counts }: Play): string {
  const lines = counts.map(({ phase, from, to, messages, bytes }) =>
    [phase, from, to, messages, bytes].join(' '),
  );
  return lines.sort().join('\n');
}
