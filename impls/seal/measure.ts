/**
 * What the primitives cost with a parameter set on this machine: `node impls/seal/measure.ts` prints it,
 * with `--write` it goes into the sets' files, where the chooser reads it.
 */
import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Ciphertext } from 'node-seal';
import { Context } from './context.ts';
import { type ParameterSet, type PrimitiveCosts, parameterSets } from './parameters.ts';
import { Polynomials } from './polynomials/polynomials.ts';
import { loadSeal, Scope } from './runtime.ts';
import { Wire } from './wire.ts';

/** Calls before the clock starts: WebAssembly is compiled a second time when it has run for a while. */
const WARM_UP = 5;
/** Plaintexts that take turns: in the protocol every product meets another one, which is in no cache. */
const PLAINTEXTS = 160;
const POWERS = 16;

/** Median time of `rounds` calls, in ms, each of which does the work `times` times. */
function time(rounds: number, times: number, work: () => void): number {
  for (let i = 0; i < WARM_UP; i++) work();
  const samples: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    for (let j = 0; j < times; j++) work();
    samples.push((performance.now() - start) / times);
  }
  return samples.sort((a, b) => a - b)[rounds >> 1]!;
}

/**
 * Measures every primitive in the form and at the level in which the protocol uses it; about a second.
 * @param alone leaves out what is not SEAL's: packing, taking powers, watching the noise.
 */
export async function measurePrimitives(
  set: ParameterSet,
  { rounds = 21, alone = false } = {},
): Promise<PrimitiveCosts> {
  const seal = await loadSeal();
  using scope = new Scope();
  const own = <T extends Disposable>(object: T): T => scope.own(object);
  const context = own(new Context(seal, set));
  const { evaluator, encoder, evaluation, last, slots } = context;
  const generator = own(new seal.KeyGenerator(context.context));
  const secret = own(generator.secretKey());
  const encryptor = own(new seal.Encryptor(context.context, own(generator.createPublicKey()), secret));
  const decryptor = own(new seal.Decryptor(context.context, secret));
  const keys = context.switchesKeys ? own(generator.createRelinKeys()) : undefined;
  const wire = new Wire(context, 'packed');
  const polynomials = new Polynomials(slots, set.plainModulus);
  const values = Uint32Array.from({ length: slots }, () => randomInt(set.plainModulus));
  const plaintext = own(new seal.Plaintext());
  const ciphertext = () => own(context.ciphertext());
  const [fresh, lowered, product, sum, answer] = [1, 2, 3, 4, 5].map(ciphertext) as [
    Ciphertext,
    Ciphertext,
    Ciphertext,
    Ciphertext,
    Ciphertext,
  ];

  const powerOfValues = polynomials.power(values, 3).slice();
  const encrypted = () => {
    encoder.encode(alone ? powerOfValues : polynomials.power(values, 3), plaintext);
    using saved = encryptor.encryptSymmetricSerializable(plaintext);
    return saved.saveToArray(seal.ComprModeType.none) as Uint8Array;
  };
  const saved = encrypted();
  const message = wire.packPower(saved);
  const encrypt = time(rounds, 1, () => (alone ? encrypted() : wire.packPower(encrypted())));
  const load = time(rounds, 1, () =>
    alone ? fresh.loadFromArray(context.context, saved) : wire.loadPower(message, fresh, 'a power'),
  );
  const lower = time(rounds, 1, () => evaluator.cipherModSwitchTo(fresh, evaluation.id, lowered));
  const power = keys
    ? time(rounds, 1, () => {
        evaluator.multiply(fresh, fresh, product);
        evaluator.relinearizeInplace(product, keys);
        evaluator.cipherModSwitchToInplace(product, evaluation.id);
      })
    : 0;
  const encode = time(rounds, 1, () => {
    using coefficient = new seal.Plaintext();
    encoder.encode(polynomials.power(values, 1), coefficient);
    evaluator.plainTransformToNttInplace(coefficient, evaluation.id);
  });
  const constant = own(new seal.Plaintext());
  encoder.encode(polynomials.power(values, 1), constant);
  evaluator.plainTransformToNtt(constant, evaluation.id, plaintext);
  evaluator.multiplyPlain(lowered, plaintext, sum);
  const plaintexts = Array.from({ length: PLAINTEXTS }, () => {
    const copy = own(new seal.Plaintext());
    copy.assign(plaintext);
    return copy;
  });
  const powers = Array.from({ length: POWERS }, () => {
    const copy = ciphertext();
    copy.assign(lowered);
    return copy;
  });
  let turn = 0;
  const multiplyPlain = time(rounds, 16, () => {
    turn++;
    evaluator.multiplyPlain(powers[turn % POWERS]!, plaintexts[turn % PLAINTEXTS]!, product);
    evaluator.addInplace(sum, product);
  });
  const multiply = keys
    ? time(rounds, 2, () => {
        evaluator.multiply(lowered, lowered, product);
        evaluator.add(product, product, answer);
      })
    : 0;
  const isLong = set.lowDegree > 0;
  if (isLong) evaluator.multiply(lowered, lowered, product);
  const finish = time(rounds, 1, () => {
    evaluator.addPlain(sum, constant, answer);
    if (isLong) evaluator.add(product, answer, answer);
    evaluator.cipherModSwitchToInplace(answer, last.id);
    if (isLong) evaluator.relinearizeInplace(answer, keys!);
    if (alone) answer.saveToArray(seal.ComprModeType.none);
    else wire.packAnswer(answer);
  });
  const savedAnswer = answer.saveToArray(seal.ComprModeType.none) as Uint8Array;
  const reply = wire.packAnswer(answer);
  const decrypt = time(rounds, 1, () => {
    if (alone) answer.loadFromArray(context.context, savedAnswer);
    else {
      wire.loadAnswer(reply, answer, 'an answer');
      decryptor.invariantNoiseBudget(answer);
    }
    decryptor.decrypt(answer, constant);
    encoder.decodeBigUint64(constant);
  });
  const degree = 40;
  const interpolate = time(5, 1, () =>
    polynomials.fromRoots(degree, (roots) => {
      for (let i = 0; i < degree; i++) roots.set(values, i * slots);
    }),
  );
  const interpolateNs = (interpolate * 1e6) / (slots * (degree ** 2 / 2));
  return {
    encrypt,
    load,
    power,
    lower,
    multiplyPlain,
    multiply,
    finish,
    decrypt,
    encode,
    interpolateNs,
  };
}

async function run(write: boolean): Promise<void> {
  for (const set of parameterSets()) {
    const measured = await measurePrimitives(set);
    const costMs = Object.fromEntries(
      Object.entries(measured).map(([name, ms]) => [name, Number(ms.toPrecision(3))]),
    );
    console.log(set.id.padEnd(10), JSON.stringify(costMs));
    if (!write) continue;
    const file = new URL(`./parameters/${set.id}.json`, import.meta.url);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${JSON.stringify({ ...JSON.parse(text), costMs }, null, 2)}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(process.argv.includes('--write'));
