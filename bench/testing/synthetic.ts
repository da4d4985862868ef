/**
 * Records for tests of what reads them. Nothing in them was measured: the run, the machine and the
 * implementations are called synthetic, so that a report made from one cannot be mistaken.
 */

import type { Role } from '../contract.ts';
import type { Environment, ImplementationFacts } from '../record/environment.ts';
import type { FailedSample, Failure, OkSample, PartyRow, RunRecord, SampleHead } from '../record/samples.ts';
import { cellId, FAILURES, RecordWriter } from '../record/samples.ts';
import { PHASES } from '../terms.ts';

/** An implementation's facts, `over` replacing parts. */
export function syntheticFacts(id: string, over: Partial<ImplementationFacts> = {}): ImplementationFacts {
  return {
    title: `Synthetic ${id}`,
    version: '1',
    kind: 'cryptography',
    keeps: [],
    build: 'ts',
    summary: `Synthetic: ${id} was made up for a test.`,
    references: [],
    security: {
      private: true,
      model: 'semi-honest',
      trust: 'nobody',
      assumption: 'none, synthetic',
      bits: 128,
      postQuantum: false,
      learns: {},
      falsePositiveLog2: -40,
    },
    ...over,
  };
}

export function syntheticEnvironment(over: Partial<Environment> = {}): Environment {
  return {
    schema: 1,
    run: 'synthetic',
    started: '2026-01-31T12:00:00.000Z',
    command: 'bench run --impl fast --size 2^10',
    seed: '1',
    code: { commit: 'f'.repeat(40), dirty: false, changesSha256: null, lockSha256: 'a'.repeat(64) },
    host: {
      fingerprint: 'synthetic0000000',
      cpu: 'Synthetic CPU',
      cpuFlags: ['aes', 'avx2'],
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      os: 'linux',
      osRelease: '6.0',
      arch: 'x64',
    },
    runtime: { node: '26.0.0', v8: '14.0', openssl: '3.5.0' },
    packages: { '@noble/curves': '2.0.0' },
    conditions: {
      ...{ cpuQuota: null, memoryBytes: null, addressSpaceBytes: null, nodeOptions: '' },
      ...{ governor: null, mitigations: [] },
    },
    peakMemory: 'phase',
    yardsticks: { x25519Us: 50, aesMiBUs: 400, copyMiBUs: 20 },
    networks: {
      none: { bandwidthBps: null, rttMs: 0, measuredBandwidthBps: null, measuredRttMs: null },
      lan: { bandwidthBps: 1e9, rttMs: 1, measuredBandwidthBps: 0.98e9, measuredRttMs: 1.1 },
    },
    datasets: { random: { seed: '1' } },
    implementations: { fast: syntheticFacts('fast') },
    ...over,
  };
}

const HEAD: Omit<SampleHead, 'cell'> = {
  run: 'synthetic',
  impl: 'fast',
  version: '1',
  build: 'ts',
  hardware: '',
  output: 'intersection',
  engine: 'made-up',
  dataset: 'random',
  receiverSize: 1024,
  senderSize: 1024,
  overlap: 512,
  network: 'none',
  sample: 0,
  warmup: false,
  options: '',
  threads: 1,
  seeded: false,
  private: true,
  mode: 'warm',
  execution: 0,
  estimateMs: null,
  yardstickUs: 50,
  started: '2026-01-31T12:00:01.000Z',
};

function head(over: Partial<SampleHead>): SampleHead {
  const sample = { ...HEAD, ...over };
  return { cell: cellId({ ...sample, options: {} }), ...sample };
}

/** A right run that took 100.5 ms, `over` replacing parts. */
export function syntheticOk(over: Partial<OkSample> = {}): OkSample {
  const wallMs = over.wallMs ?? 100.5;
  return {
    resultSize: 512,
    receiverCpuMs: wallMs * 0.5,
    senderCpuMs: wallMs * 0.25,
    helperCpuMs: null,
    receiverSentBytes: 32_768,
    senderSentBytes: 65_536,
    helperSentBytes: null,
    flights: 3,
    receiverPeakBytes: 64 * 2 ** 20,
    senderPeakBytes: 48 * 2 ** 20,
    helperPeakBytes: null,
    startMs: 0,
    loadMs: 0,
    closeMs: null,
    setupMs: wallMs * 0.25,
    prepareMs: wallMs * 0.25,
    onlineMs: wallMs * 0.5,
    messages: 4,
    resultSha256: 'b'.repeat(64),
    ...head(over),
    ...over,
    wallMs,
    outcome: 'ok',
    reason: '',
  };
}

export function syntheticFailure(
  outcome: Failure,
  over: Partial<SampleHead & { readonly reason: string }> = {},
): FailedSample {
  return { ...head(over), outcome, reason: over.reason ?? `synthetic ${outcome}` };
}

/** What the parties of `sample` did: its cost, split evenly over the phases. */
export function syntheticParties(sample: OkSample): PartyRow[] {
  const share = { setup: 0.25, prepare: 0.25, online: 0.5 };
  const rows: PartyRow[] = [];
  for (const phase of PHASES) {
    for (const party of ['receiver', 'sender'] satisfies Role[]) {
      const cpu = party === 'receiver' ? sample.receiverCpuMs : sample.senderCpuMs;
      const sends = phase === 'online';
      rows.push({
        run: sample.run,
        cell: sample.cell,
        sample: sample.sample,
        party,
        phase,
        wallMs: sample.wallMs * share[phase],
        cpuUserMs: cpu * share[phase] * 0.75,
        cpuSystemMs: cpu * share[phase] * 0.25,
        peakBytes: party === 'receiver' ? sample.receiverPeakBytes : sample.senderPeakBytes,
        sentBytes: sends ? (party === 'receiver' ? sample.receiverSentBytes : sample.senderSentBytes) : 0,
        receivedBytes: sends ? (party === 'receiver' ? sample.senderSentBytes : sample.receiverSentBytes) : 0,
        sentMessages: sends ? 2 : 0,
        receivedMessages: sends ? 2 : 0,
        flights: sends ? 3 : 0,
        children: 0,
        steps: sends && party === 'receiver' ? { 'hash items': 0.125 } : {},
      });
    }
  }
  return rows;
}

/**
 * A whole record: six private runs of `fast` and `slow` beside rows of every other section, in two
 * groups, every kind of failure, and a seeded run.
 */
export function syntheticRecord(over: Partial<Environment> = {}): RunRecord {
  const security = syntheticFacts('x').security;
  const environment = syntheticEnvironment({
    ...over,
    implementations: {
      fast: syntheticFacts('fast', { references: ['A page *on* synthetic sets'] }),
      slow: syntheticFacts('slow'),
      hash: syntheticFacts('hash', {
        kind: 'open',
        security: { ...security, private: false, trust: 'everybody | synthetic', bits: null },
      }),
      party: syntheticFacts('party', {
        kind: 'third-party',
        security: { ...security, model: 'trusted third party', trust: 'the third party' },
      }),
      enclave: syntheticFacts('enclave', {
        kind: 'enclave',
        build: 'enclave-simulated',
        security: { ...security, trust: 'the maker of the CPU', learns: { sender: 'the access pattern' } },
      }),
    },
  });
  const { run } = environment;
  const series = (cell: Partial<OkSample>, firstMs: number) => {
    const times = [3, 1, 1.02, 0.98, 1.01, 0.99, 1.03].map((factor) => factor * firstMs);
    return times.map((wallMs, sample) =>
      syntheticOk({
        ...{ ...cell, run, wallMs, sample, warmup: sample === 0 },
        execution: Math.trunc((sample + 1) / 2),
      }),
    );
  };
  const hash = { impl: 'hash', private: false } as const;
  const slow = { impl: 'slow', options: 'curve=a;wide=true', engine: 'wasm', build: 'wasm' } as const;
  const ok = [
    ...series({}, 100),
    ...series(slow, 150),
    ...series({ ...hash, receiverSentBytes: 0, flights: 1 }, 2),
    ...series({ impl: 'party', helperCpuMs: 4, helperSentBytes: 4096, helperPeakBytes: 2 ** 26 }, 10),
    ...series({ impl: 'enclave', build: 'enclave-simulated', hardware: 'simulated' }, 20),
    ...series({ network: 'lan', receiverPeakBytes: null }, 61_000).slice(0, 4),
    ...series({ ...hash, network: 'lan' }, 3).slice(0, 5),
    syntheticOk({ run, sample: 7, wallMs: 0.000777, seeded: true }),
  ];
  const failed = [
    ...FAILURES.map((outcome, i) => syntheticFailure(outcome, { ...slow, run, network: 'lan', sample: i })),
    syntheticFailure('died', {
      ...hash,
      run,
      network: 'lan',
      sample: 5,
      reason: 'the receiver | was killed',
    }),
    syntheticFailure('died', {
      ...hash,
      run,
      network: 'lan',
      sample: 6,
      reason: 'the receiver | was killed',
    }),
  ];
  return {
    environment,
    samples: [...ok, ...failed],
    parties: ok.flatMap(syntheticParties),
    warnings: [],
  };
}

/** Writes `record` below `resultsDir` and returns its folder. */
export async function writeSynthetic(resultsDir: string, record: RunRecord): Promise<string> {
  const writer = await RecordWriter.create(resultsDir, record.environment);
  for (const sample of record.samples) {
    const own = (row: PartyRow) => row.cell === sample.cell && row.sample === sample.sample;
    if (sample.outcome === 'ok') writer.append(sample, record.parties.filter(own));
    else writer.append(sample);
  }
  writer.close();
  return writer.dir;
}
