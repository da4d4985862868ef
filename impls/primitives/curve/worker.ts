/** A worker of a {@link Team}: does what it is told at its places until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { createEngine } from './engine.ts';
import { PointError } from './points.ts';
import { type Answer, type Order, Place, type WorkerData } from './worker-place.ts';

const { engine: name, memories, batch } = workerData as WorkerData;
const engine = createEngine(name);
const places = memories.map((memory, i) => new Place(i, memory, batch));

parentPort!.on('message', ({ place: index, kind, count }: Order) => {
  const { scalar, points, offsets, data } = places[index]!;
  // Engines get memory of their own: not all of them take shared memory.
  const target = new Uint8Array(count * 32);
  let answer: Answer = { place: index };
  try {
    if (kind === 'mask') engine.hash({ count, data, offsets }, target);
    else target.set(points.subarray(0, target.length));
    engine.multiply(scalar.slice(), target, target);
    points.set(target);
  } catch (error) {
    answer = { place: index, error: describe(error) };
  }
  parentPort!.postMessage(answer);
});

parentPort!.postMessage({ place: -1 } satisfies Answer);

function describe(error: unknown): NonNullable<Answer['error']> {
  if (error instanceof PointError) return { message: error.reason, index: error.index };
  return { message: error instanceof Error ? error.message : String(error) };
}
