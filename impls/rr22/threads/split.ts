/** Trees and code of the vector OLE, shared out among the threads of a crew. */
import { EXPAND_PIECE, type ExpandConvolute } from '../../primitives/expand-convolute/expand-convolute.ts';
import type { LinearCode } from '../../primitives/expand-convolute/linear-code.ts';
import type { Forest, Gardener } from '../../primitives/ggm/ggm.ts';
import type { VoleKeys } from '../../primitives/vole/vole.ts';
import { type Crew, shares } from '../../primitives/working-memory/crew.ts';
import type { WorkingMemory } from '../../primitives/working-memory/working-memory.ts';
import { type ExpandOrder, type GrowOrder, type GrowPuncturedOrder, grow, growPunctured } from './tasks.ts';

/** The code whose outputs are computed by several threads; the accumulation is one chain and stays on this one. */
export class SplitCode implements LinearCode {
  readonly inputs: number;
  readonly outputs: number;
  readonly bytes: number;
  readonly #code: ExpandConvolute;
  readonly #crew: Crew;

  constructor(code: ExpandConvolute, crew: Crew) {
    this.inputs = code.inputs;
    this.outputs = code.outputs;
    this.bytes = code.bytes;
    this.#code = code;
    this.#crew = crew;
  }

  encode(vector: number, count: number): void {
    this.#code.accumulate(vector);
    const orders = shares(Math.ceil(count / EXPAND_PIECE), this.#crew.size).map(
      ({ from, to }): ExpandOrder => ({
        rows: this.outputs,
        vector,
        first: from * EXPAND_PIECE,
        last: Math.min(count, to * EXPAND_PIECE),
      }),
    );
    this.#crew.run('expand', orders, ({ first, last }) => this.#code.expand(vector, first, last));
  }
}

/** Grows each thread's share of the trees. */
export class SplitGardener implements Pick<Gardener, 'grow' | 'growPunctured'> {
  readonly #memory: WorkingMemory;
  readonly #crew: Crew;
  readonly #forest: Forest;
  readonly #keys: Pick<VoleKeys, 'left' | 'right'>;

  constructor(memory: WorkingMemory, crew: Crew, forest: Forest, { left, right }: VoleKeys) {
    this.#memory = memory;
    this.#crew = crew;
    this.#forest = forest;
    this.#keys = { left, right };
  }

  grow(roots: number, leaves: number, sums: number): void {
    const orders = this.#shares(
      (from, common): GrowOrder => ({
        ...common,
        roots: roots + from * 16,
        leaves: leaves + from * this.#forest.leaves * 16,
        sums: sums + from * 32,
      }),
    );
    this.#crew.run('grow', orders, (order) => grow(this.#memory, order));
  }

  growPunctured(given: number, paths: number, leaves: number, sums: number): void {
    const orders = this.#shares(
      (from, common): GrowPuncturedOrder => ({
        ...common,
        given: given + from * 16,
        paths: paths + from * 4,
        leaves: leaves + from * this.#forest.leaves * 16,
        sums: sums + from * 32,
      }),
    );
    this.#crew.run('growPunctured', orders, (order) => growPunctured(this.#memory, order));
  }

  #shares<Order>(order: (from: number, common: Pick<GrowOrder, 'forest' | 'keys'>) => Order): Order[] {
    const { trees, leaves, depth } = this.#forest;
    return shares(trees, this.#crew.size).map(({ from, to }) =>
      order(from, { forest: { trees: to - from, leaves, depth, among: trees }, keys: this.#keys }),
    );
  }
}
