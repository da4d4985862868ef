import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRecord } from '../record/samples.ts';
import { bench, emptyFolder, only } from '../testing/cli.ts';

const QUICK = ['--impl', 'hash', '--size', '16,32', '--executions', '1', '--runs', '2', '--time', '0'];
const NETWORK = '50mbit/10ms-rtt';

test('bench run --net: one cell per network, the links calibrated and in the record', async () => {
  const dir = await emptyFolder();
  const { code, stderr } = await bench(['run', ...QUICK, '--net', `${NETWORK},none`], dir);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^network 50mbit\/10ms-rtt: 50 Mbit\/s, 10 ms RTT; calibrated: .* Mbit\/s, .* ms RTT$/m,
  );
  const record = only(join(dir, 'results'));
  const { environment, samples } = await readRecord(record);
  const { [NETWORK]: facts, none } = environment.networks;
  assert.ok(facts && none);
  assert.deepEqual([facts.bandwidthBps, facts.rttMs], [50e6, 10]);
  assert.ok(facts.measuredRttMs! >= 10 && facts.measuredBandwidthBps! > 0);
  assert.deepEqual([none.bandwidthBps, none.measuredRttMs], [null, null]);

  const measured = samples.filter(({ warmup }) => !warmup);
  for (const network of ['none', NETWORK]) {
    const own = measured.filter((sample) => sample.network === network);
    assert.equal(new Set(own.map(({ cell }) => cell)).size, 4, 'two sizes in two modes');
    assert.ok(own.every(({ outcome }) => outcome === 'ok'));
  }
  for (const sample of measured) {
    if (sample.outcome !== 'ok' || sample.network === 'none') continue;
    assert.ok(sample.wallMs >= sample.flights * 5, `${sample.cell}: ${sample.wallMs} ms`);
  }
  // Each size over the loopback first, so that what the link will add is known before it is measured.
  const order = [...new Set(measured.map(({ receiverSize, network }) => `${receiverSize} ${network}`))];
  assert.deepEqual(order, ['16 none', `16 ${NETWORK}`, '32 none', `32 ${NETWORK}`]);
  const first = samples.find(({ network }) => network === NETWORK);
  assert.ok(first!.estimateMs! >= 5, `a flight of 5 ms, predicted ${first!.estimateMs}`);

  const resumed = await bench(['run', '--resume', record, '--net', 'lan'], dir);
  assert.deepEqual([resumed.code, /leave out --net/.test(resumed.stderr)], [2, true]);
  const again = await bench(['run', '--resume', record], dir);
  assert.equal(again.code, 0, again.stderr);
});

test('a cell whose bytes alone outrun the budget over a slow link is skipped, with the estimate', async () => {
  const dir = await emptyFolder();
  const words = ['run', '--impl', 'hash', '--size', '2^12', '--runs', '1', '--time', '0', '--budget', '2'];
  const { code } = await bench([...words, '--net', 'none,100kbit/10ms-rtt'], dir);
  assert.equal(code, 0);
  const record = only(join(dir, 'results'));
  const { samples } = await readRecord(record);
  const skipped = samples.filter(({ network }) => network !== 'none');
  assert.deepEqual(
    skipped.map(({ outcome }) => outcome),
    ['skipped'],
  );
  assert.match(skipped[0]?.reason ?? '', /predicted to take 2\.\d s, more than the budget of 2 s/);
});

test('--dry-run and --help print what a network is; an unknown one is a usage error', async () => {
  const dir = await emptyFolder();
  const dry = await bench(['run', ...QUICK, '--net', 'wan,none', '--dry-run'], dir);
  assert.match(dry.stdout, /16 × 16, 8 shared: .*\n.* over wan \(100 Mbit\/s, 20 ms RTT\): .*/);
  assert.match(dry.stdout, /^4 cells/m);
  const help = await bench(['run', '--help'], dir);
  assert.match(help.stdout.replace(/\s+/g, ' '), /mobile \(10 Mbit\/s, 80 ms RTT\)/);
  const unknown = await bench(['run', ...QUICK, '--net', 'wam'], dir);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^bench: unknown network "wam"\. Did you mean "wan"\?.*\n$/);
});
