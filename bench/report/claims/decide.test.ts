import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Kind } from '../../contract.ts';
import { breakEven, type Contender, decide, gather } from './decide.ts';
import { claimsOf, findTurns } from './list.ts';

/** Seven runs of about `ms`, within ± 3 %. */
const around = (ms: number) => [1, 0.97, 1.03, 0.99, 1.01, 0.98, 1.02].map((factor) => factor * ms);

function contender(
  label: string,
  kind: Kind,
  wallsMs: readonly number[],
  failures: string[] = [],
): Contender {
  // One run in each set of processes.
  const executions = wallsMs.map((wallMs) => [wallMs]);
  return { label, impl: label, kind, simulated: kind === 'enclave', executions, failures };
}
const enclave = (wallsMs: readonly number[], failures?: string[]) =>
  contender('enclave', 'enclave', wallsMs, failures);
const crypto = (label: string, wallsMs: readonly number[], failures?: string[]) =>
  contender(label, 'cryptography', wallsMs, failures);

describe('the verdict', () => {
  test('a clear win is supported, and says against whom', () => {
    const evidence = gather(enclave(around(10)), [crypto('slow', around(80)), crypto('quick', around(40))]);
    const decision = decide(evidence);
    assert.equal(decision.verdict, 'supported');
    assert.equal(decision.ratio!.rival, 'quick');
    assert.ok(Math.abs(decision.ratio!.ratio - 4) < 1e-9);
    assert.ok(decision.ratio!.low > 3.7 && decision.ratio!.high < 4.3);
    assert.ok(evidence.simulated);
  });

  test('a clear loss is refuted, also by a rival that is not the fastest by its median alone', () => {
    const decision = decide(gather(enclave(around(40)), [crypto('quick', around(10))]));
    assert.equal(decision.verdict, 'refuted');
    assert.match(decision.reason, /quick is faster/);
    const few = crypto('fewer', [9, 9.1]);
    assert.equal(decide(gather(enclave(around(40)), [few, crypto('quick', around(10))])).verdict, 'refuted');
  });

  test('a slow rival with few executions counts as slower where its distance is beyond how the subject varies', () => {
    const quick = crypto('quick', around(40));
    const verdictWith = (ms: number) =>
      decide(gather(enclave(around(10)), [quick, crypto('few', [ms])])).verdict;
    assert.equal(verdictWith(800), 'supported');
    // Slower than every run of the subject, and still too near to say so of one execution.
    const near = decide(gather(enclave(around(10)), [crypto('few', [10.4]), quick]));
    assert.deepEqual([near.verdict, near.reason], ['undecided', 'no difference to few can be seen']);
    // The fastest rival needs executions of its own.
    assert.equal(decide(gather(enclave(around(10)), [crypto('few', [20]), quick])).verdict, 'undecided');
    assert.equal(decide(gather(enclave(around(10)), [crypto('few', [2]), quick])).verdict, 'undecided');
  });

  test('an overlap is undecided', () => {
    const decision = decide(gather(enclave(around(10)), [crypto('near', around(10.05))]));
    assert.equal(decision.verdict, 'undecided');
    assert.match(decision.reason, /no difference to near/);
  });

  test('an overlap with any rival is undecided, not only with the fastest', () => {
    const wild = crypto('wild', [5, 30, 31, 32, 33, 34, 35].concat(Array(6).fill(5.5)));
    assert.equal(
      decide(gather(enclave(around(10)), [wild, crypto('quick', around(12))])).verdict,
      'undecided',
    );
  });

  test('without a contender it is undecided and there is no ratio', () => {
    for (const rivals of [[], [crypto('skipped', [], ['skipped'])], [crypto('dead', [], ['died'])]]) {
      const evidence = gather(enclave(around(10)), rivals);
      assert.deepEqual([decide(evidence).verdict, decide(evidence).ratio], ['undecided', null]);
      assert.equal(breakEven(evidence), null);
    }
    assert.equal(decide(gather(enclave([], ['unavailable']), [crypto('a', around(1))])).ratio, null);
  });

  test('a cell with a failed run has no ratio, neither as subject nor as rival', () => {
    for (const failure of ['wrong', 'timeout', 'died', 'memory', 'broken']) {
      const subject = gather(enclave(around(1), [failure]), [crypto('slow', around(50))]);
      assert.deepEqual(decide(subject).ratio, null);
      assert.match(decide(subject).reason, /enclave had failed runs/);
      const rival = gather(enclave(around(10)), [
        crypto('slow', around(50)),
        crypto('bad', around(1), [failure]),
      ]);
      assert.equal(decide(rival).verdict, 'undecided');
      assert.equal(decide(rival).ratio!.rival, 'slow');
      assert.match(decide(rival).reason, /bad had failed runs/);
      // A rival that is faster refutes, whatever another one's failure hides.
      const lost = gather(enclave(around(10)), [crypto('quick', around(5)), crypto('bad', [], [failure])]);
      assert.equal(decide(lost).verdict, 'refuted');
    }
  });

  test('a rival that was not run does not stand in the way, and is named', () => {
    const skipped = crypto('big', [], ['skipped']);
    const evidence = gather(enclave(around(10)), [skipped, crypto('slow', around(50))]);
    assert.equal(decide(evidence).verdict, 'supported');
    assert.deepEqual([evidence.notRun, evidence.failed], [['big'], []]);
  });

  test('few runs decide only when they are completely apart and enough', () => {
    const verdict = (mine: number[], theirs: number[], more = 0) => {
      const others = Array.from({ length: more }, (_, i) => crypto(`far ${i}`, around(1000)));
      return decide(gather(enclave(mine), [crypto('slow', theirs), ...others])).verdict;
    };
    // 2 / C(8, 4) = 2.9 %, 2 / C(6, 3) = 10 %, and with two rivals twice 2.9 % is too much.
    assert.equal(verdict([1, 2, 3, 4], [5, 6, 7, 8]), 'supported');
    assert.equal(verdict([5, 6, 7, 8], [1, 2, 3, 4]), 'refuted');
    assert.equal(verdict([1, 2, 3], [5, 6, 7]), 'undecided');
    assert.equal(verdict([1, 2, 3, 4], [5, 6, 7, 8], 1), 'undecided');
    assert.equal(verdict([1, 2, 3, 5], [5, 6, 7, 8]), 'undecided');
    assert.equal(verdict([1], [1000]), 'undecided');
  });

  test('at the boundary: an interval that ends at 1 decides nothing', () => {
    const evidence = gather(enclave([1, 1, 1, 1, 1]), [crypto('twice', [2, 2, 2, 2, 2])]);
    const at = (slowdown: number) => decide(evidence, slowdown).verdict;
    assert.deepEqual([at(1.99), at(2), at(2.01)], ['supported', 'undecided', 'refuted']);
    assert.deepEqual(breakEven(evidence), { ratio: 2, low: 2, high: 2 });
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => decide(evidence, bad), RangeError);
    }
  });

  test('turns exactly between the ends of the break-even interval', () => {
    const evidence = gather(enclave(around(10)), [crypto('slow', around(50)), crypto('slower', around(51))]);
    const { low, high } = breakEven(evidence)!;
    assert.ok(low < 5 && high > 5);
    assert.equal(decide(evidence, low * 0.999).verdict, 'supported');
    assert.equal(decide(evidence, (low + high) / 2).verdict, 'undecided');
    assert.equal(decide(evidence, high * 1.001).verdict, 'refuted');
  });
});

describe('the claims of a setting', () => {
  test('compare like with like: neither hash nor a third party is cryptography', () => {
    const claims = claimsOf([
      enclave(around(10)),
      contender('enclave-oblivious', 'enclave', around(14)),
      crypto('ecdh', around(90)),
      contender('hash', 'open', around(2)),
      contender('plaintext', 'third-party', around(6)),
    ]);
    const said = claims.map((claim) => {
      const { verdict, ratio } = decide(claim.evidence);
      return `${claim.subject} against ${claim.against}: ${verdict} (${ratio!.rival})`;
    });
    assert.deepEqual(said, [
      'enclave against cryptography: supported (ecdh)',
      'enclave-oblivious against cryptography: supported (ecdh)',
      'hash against cryptography: supported (ecdh)',
      'enclave-oblivious against plain-enclave: refuted (enclave)',
      'enclave against third-party: refuted (plaintext)',
      'enclave-oblivious against third-party: refuted (plaintext)',
      'enclave against open: refuted (hash)',
      'enclave-oblivious against open: refuted (hash)',
    ]);
  });

  test('with only a simulated enclave say that there is nothing to compare with', () => {
    const [claim, ...others] = claimsOf([enclave(around(10))]);
    assert.equal(others.length, 0);
    assert.equal(decide(claim!.evidence).verdict, 'undecided');
  });
});

describe('the order turns', () => {
  test('between neighbours on either side of 1, interpolated on logarithmic axes', () => {
    const turns = findTurns([
      { at: 4096, ratio: 4 },
      { at: 256, ratio: 0.25 },
      { at: 1024, ratio: null },
      { at: 2 ** 16, ratio: 2 },
      { at: 2 ** 20, ratio: 0.5 },
    ]);
    assert.deepEqual(
      turns.map((turn) => [turn.from, turn.to, Math.round(turn.about), turn.fasterAbove]),
      [
        [256, 4096, 1024, 'subject'],
        [2 ** 16, 2 ** 20, 2 ** 18, 'rival'],
      ],
    );
  });

  test('nowhere, when one side is always ahead or there is one place', () => {
    assert.deepEqual(
      findTurns([
        { at: 1, ratio: 2 },
        { at: 2, ratio: 3 },
      ]),
      [],
    );
    assert.deepEqual(findTurns([{ at: 1, ratio: 2 }]), []);
  });
});
