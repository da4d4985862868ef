import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syntheticRecord } from '../testing/synthetic.ts';
import { buildModel } from './build-model.ts';
import { fasterElsewhere } from './faster-elsewhere.ts';
import { PUBLISHED_PSI, type PublishedPsi } from './published.ts';

/** At 2^10 items on the bare loopback its fastest cryptography takes 101 ms in the median, warm, its enclave a fifth. */
const { machines } = buildModel([syntheticRecord()]);

const figure: PublishedPsi = {
  ...{ system: 'Synthetic', protocol: 'none', output: 'intersection', mode: 'warm' },
  ...{ receiverSize: 1024, senderSize: 1024, ms: 50, bytes: null, threads: 1 },
  ...{ network: 'loopback', machine: 'made up', origin: 'made up', source: 'a test' },
};

test('a figure counts where it is below the fastest cryptography of the same place, and only there', () => {
  const [found, ...more] = fasterElsewhere(machines, [figure]);
  assert.equal(more.length, 0);
  const cells = machines[0]?.groups.find(({ network }) => network === 'none')?.cells ?? [];
  const timeOf = (label: string) => cells.find((cell) => cell.label === label)?.wallMs.median;
  assert.deepEqual([found?.bestMs, found?.enclaveMs], [timeOf('fast'), timeOf('enclave')]);
  const others: Partial<PublishedPsi>[] = [
    { ms: 200 },
    { mode: 'one-shot' },
    { output: 'cardinality' },
    { network: '100 Mbit/s, 10 ms' },
    { senderSize: 2048 },
  ];
  for (const other of others) assert.deepEqual(fasterElsewhere(machines, [{ ...figure, ...other }]), []);
});

test('every published figure is complete, and its network is one that is known', () => {
  for (const { ms, threads, source, machine, mode, output, network } of PUBLISHED_PSI) {
    assert.ok(ms > 0 && threads >= 1 && source.length > 10 && machine.length > 10, source);
    assert.ok(
      ['one-shot', 'warm'].includes(mode) && ['intersection', 'cardinality'].includes(output),
      source,
    );
    assert.match(network, /^(loopback|LAN|100 Mbit\/s, 10 ms|none: .+)$/);
  }
});
