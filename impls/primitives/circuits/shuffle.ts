/**
 * A permutation that the garbler knows and the evaluator does not: the network of Waksman (JACM 1968), whose
 * n·log2 n − n + 1 switches are exchanges by secret bits. {@link shuffle} writes it, {@link routing} sets it.
 *
 * A network for m words exchanges each two neighbours or not, sends the first of each pair to an upper network for m/2
 * words and the second to a lower one, and exchanges or not what they give for each two neighbouring outputs,
 * but for the first two. All networks of one size are one column of the circuit.
 */
import type { CircuitBuilder } from './builder.ts';
import type { Copy } from './program.ts';
import { exchangeSecretly, type Word, word } from './words.ts';

/** How many exchanges a shuffle of n words has. */
export function switches(n: number): number {
  return n * Math.log2(n) - n + 1;
}

/**
 * Permutes the words of `list`, a power of two of them, by `switches(n)` secret bits of the garbler.
 * @throws RangeError when there is no power of two of words.
 */
export function shuffle(builder: CircuitBuilder, list: Word): Word {
  const { bits, lanes } = list;
  if (2 ** Math.round(Math.log2(lanes)) !== lanes) throw new RangeError(`${lanes} words: not a power of two`);
  const assemble = (count: number, copies: readonly Copy[]) =>
    word(builder.assemble(bits * count, copies), bits, count);
  // Every bit of every network of the size is a row.
  const part = (of: Word, start: number, step: number, row: number, rows: number, count: number) => ({
    from: builder.slice(of.wires, start, of.wires.lanes - start),
    fromStep: step,
    fromRow: row,
    rows,
    count,
  });
  let words = list;
  for (let m = lanes; m >= 2; m /= 2) {
    const side = (place: number) =>
      assemble(lanes / 2, [
        { ...part(words, place, 2, lanes, bits, lanes / 2), to: 0, toStep: 1, toRow: lanes / 2 },
      ]);
    const pair = exchangeSecretly(builder, side(0), side(1));
    const half = m / 2;
    words = assemble(
      lanes,
      pair.map((side, lower) => ({
        ...part(side, 0, 1, half, (bits * lanes) / m, half),
        to: lower * half,
        toStep: 1,
        toRow: m,
      })),
    );
  }
  for (let m = 4; m <= lanes; m *= 2) {
    const half = m / 2;
    const rows = (bits * lanes) / m;
    const current = words;
    const side = (lower: number) =>
      assemble((lanes / m) * (half - 1), [
        { ...part(current, lower * half + 1, 1, m, rows, half - 1), to: 0, toStep: 1, toRow: half - 1 },
      ]);
    const pair = exchangeSecretly(builder, side(0), side(1));
    words = assemble(
      lanes,
      pair.flatMap((side, lower) => [
        { ...part(current, lower * half, 1, m, rows, 1), to: lower, toStep: 1, toRow: m },
        { ...part(side, 0, 1, half - 1, rows, half - 1), to: 2 + lower, toStep: 2, toRow: m },
      ]),
    );
  }
  return words;
}

/**
 * The secret bits with which {@link shuffle} gives as word o what was word `permutation[o]`, a byte each.
 * @throws RangeError when it is no permutation of a power of two of numbers.
 */
export function routing(permutation: Uint32Array): Uint8Array<ArrayBuffer> {
  const n = permutation.length;
  if (n < 1 || 2 ** Math.round(Math.log2(n)) !== n || new Set(permutation).size !== n) {
    throw new RangeError(`${n} numbers: no permutation of a power of two`);
  }
  const bits = new Uint8Array(switches(n));
  let inputs = 0;
  let end = bits.length;
  // From the outside inwards; columns of outputs come in the opposite order, from the end.
  let networks = [permutation];
  for (let m = n; m >= 2; m /= 2) {
    const outputs = m === 2 ? 0 : m / 2 - 1;
    end -= networks.length * outputs;
    networks = networks.flatMap((network, k) =>
      route(
        network,
        bits.subarray(inputs + (k * m) / 2, inputs + ((k + 1) * m) / 2),
        bits.subarray(end + k * outputs, end + (k + 1) * outputs),
      ),
    );
    inputs += n / 2;
  }
  return bits;
}

/** Sets the outer switches of one network and returns what its upper and its lower network must do. */
function route(
  permutation: Uint32Array,
  inputs: Uint8Array,
  outputs: Uint8Array,
): [Uint32Array, Uint32Array] {
  const m = permutation.length;
  const inverse = new Uint32Array(m);
  permutation.forEach((input, output) => {
    inverse[input] = output;
  });
  // Which of the inner networks gives each output. Of two neighbouring outputs, and of two neighbouring inputs,
  // one comes through each: so choices run in cycles, each begun with the upper network at an even output.
  const lower = new Int8Array(m).fill(-1);
  for (let start = 0; start < m; start += 2) {
    let output = start;
    while (lower[output] === -1) {
      const input = permutation[output] ?? 0;
      lower[output] = 0;
      // A network of two has one switch, at its inputs: its outputs are what the inner networks give.
      inputs[input >> 1] = input & 1;
      const partner = inverse[input ^ 1] ?? 0;
      lower[partner] = 1;
      output = partner ^ 1;
    }
  }
  const inner: [Uint32Array, Uint32Array] = [new Uint32Array(m / 2), new Uint32Array(m / 2)];
  for (let pair = 0; pair < m / 2; pair++) {
    const crossed = lower[2 * pair] ?? 0;
    if (pair > 0) outputs[pair - 1] = crossed;
    const from = (output: number) => (permutation[output] ?? 0) >> 1;
    inner[0][pair] = from(2 * pair + crossed);
    inner[1][pair] = from(2 * pair + 1 - crossed);
  }
  return inner;
}
