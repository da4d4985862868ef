/**
 * A record for tests of what is drawn: eight implementations, five sizes, three networks, unbalanced sets.
 * Nothing in it was measured; its times follow made-up formulas, and its machine is called synthetic.
 */

import type { RunRecord } from '../record/samples.ts';
import {
  syntheticEnvironment,
  syntheticFacts,
  syntheticFailure,
  syntheticOk,
  syntheticParties,
} from './synthetic.ts';

interface MadeUp {
  readonly id: string;
  /** Time in ms: of a run, and of each item. */
  readonly fixed: number;
  readonly perItem: number;
  readonly bytesPerItem: number;
  readonly flights: number;
  readonly sort?: 'enclave' | 'hash' | 'party';
}

const MADE_UP: readonly MadeUp[] = [
  { id: 'ecdh', fixed: 1, perItem: 0.11, bytesPerItem: 37, flights: 2 },
  { id: 'seal', fixed: 300, perItem: 0.3, bytesPerItem: 60, flights: 4 },
  { id: 'kkrt', fixed: 60, perItem: 0.006, bytesPerItem: 60, flights: 5 },
  { id: 'rr22', fixed: 40, perItem: 0.008, bytesPerItem: 20, flights: 8 },
  { id: 'enclave', fixed: 12, perItem: 0.0006, bytesPerItem: 16, flights: 9, sort: 'enclave' },
  { id: 'enclave-oblivious', fixed: 12.5, perItem: 0.0008, bytesPerItem: 16, flights: 9, sort: 'enclave' },
  { id: 'hash', fixed: 0.5, perItem: 0.0002, bytesPerItem: 5, flights: 1, sort: 'hash' },
  { id: 'plaintext', fixed: 3, perItem: 0.0006, bytesPerItem: 16, flights: 5, sort: 'party' },
];

const SIZES = [2 ** 8, 2 ** 12, 2 ** 16, 2 ** 20] as const;

const NETWORKS = {
  none: { bandwidthBps: null, rttMs: 0, measuredBandwidthBps: null, measuredRttMs: null },
  lan: { bandwidthBps: 1e9, rttMs: 0.2, measuredBandwidthBps: 0.99e9, measuredRttMs: 0.21 },
  wan: { bandwidthBps: 1e8, rttMs: 20, measuredBandwidthBps: 1e8, measuredRttMs: 20.1 },
};

/** The record; `skip` leaves cells out that would be predicted to take longer than a budget. */
export function wideRecord(run = 'synthetic-wide'): RunRecord {
  const { security } = syntheticFacts('x');
  const facts = (sort: MadeUp['sort']) => {
    if (sort === 'hash')
      return { kind: 'open' as const, security: { ...security, private: false, trust: 'nobody' } };
    if (sort === 'party')
      return {
        kind: 'third-party' as const,
        security: { ...security, model: 'trusted third party', trust: 'the third party' },
      };
    if (sort === 'enclave') {
      const learns = { helper: 'the access pattern' };
      return {
        kind: 'enclave' as const,
        build: 'enclave-simulated' as const,
        security: { ...security, model: 'attested enclave', trust: 'the maker', learns },
      };
    }
    return {};
  };
  const environment = syntheticEnvironment({
    run,
    command: 'bench run --impl all --size 2^8,2^12,2^16,2^20 --net none,lan,wan',
    networks: NETWORKS,
    implementations: Object.fromEntries(MADE_UP.map(({ id, sort }) => [id, syntheticFacts(id, facts(sort))])),
  });
  const sizes: [number, number][] = [
    ...SIZES.map((size): [number, number] => [size, size]),
    [2 ** 8, 2 ** 16],
    [2 ** 8, 2 ** 20],
  ];
  const ok = MADE_UP.flatMap((made) =>
    Object.entries(NETWORKS).flatMap(([network, link]) =>
      sizes.flatMap(([receiverSize, senderSize]) => {
        if (receiverSize !== senderSize && network !== 'none') return [];
        if (made.id === 'seal' && receiverSize === 2 ** 20) return [];
        return runs(made, run, network, link, receiverSize, senderSize);
      }),
    ),
  );
  const skipped = syntheticFailure('skipped', {
    run,
    impl: 'seal',
    receiverSize: 2 ** 20,
    senderSize: 2 ** 20,
    overlap: 2 ** 19,
    reason: 'predicted to take 315 s, more than the budget',
  });
  return { environment, samples: [...ok, skipped], parties: ok.flatMap(syntheticParties), warnings: [] };
}

/** The same record as of another machine, on which everything takes twice as long. */
export function elsewhere(record: RunRecord): RunRecord {
  const host = {
    ...record.environment.host,
    cpu: 'synthetic elsewhere',
    cores: 64,
    fingerprint: 'elsewhere',
  };
  return {
    ...record,
    environment: { ...record.environment, host },
    samples: record.samples.map((sample) =>
      sample.outcome === 'ok' ? { ...sample, wallMs: 2 * sample.wallMs } : sample,
    ),
  };
}

function runs(
  made: MadeUp,
  run: string,
  network: string,
  link: (typeof NETWORKS)[keyof typeof NETWORKS],
  receiverSize: number,
  senderSize: number,
) {
  const items = receiverSize + senderSize;
  const bytes = Math.round(items * made.bytesPerItem + 500);
  const transfer = link.bandwidthBps === null ? 0 : (bytes * 8000) / link.bandwidthBps;
  const ms = made.fixed + made.perItem * items + (made.flights * link.rttMs) / 2 + transfer;
  return [1, 0.98, 1.02, 0.99, 1.01, 1.03, 0.97].map((factor, sample) =>
    syntheticOk({
      ...{ run, impl: made.id, network, receiverSize, senderSize, sample, execution: sample },
      overlap: Math.min(receiverSize, senderSize) / 2,
      build: made.sort === 'enclave' ? 'enclave-simulated' : 'ts',
      hardware: made.sort === 'enclave' ? 'simulated' : '',
      private: made.sort !== 'hash',
      wallMs: ms * factor,
      flights: made.flights,
      receiverSentBytes: bytes >> 1,
      senderSentBytes: bytes >> 1,
      receiverPeakBytes: 6e7 + items * 60,
      senderPeakBytes: 6e7 + items * 40,
      warmup: false,
    }),
  );
}
