/** `bench run`: measure. */

import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { expectedIntersection, readable, type Spooled, spool, writeMatches } from '../../datasets/dataset.ts';
import { ExitCode, UsageError } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { type ArgumentsOf, FLAGS, REQUEST_FLAGS } from '../flags/index.ts';
import { formatMs } from '../format/numbers.ts';
import { findImplementations } from '../implementations/find.ts';
import { withoutFolder } from '../implementations/module-path.ts';
import { sourceHash } from '../implementations/source.ts';
import { loadWarning, pinTo } from '../machine/foreign-load.ts';
import { processLimits } from '../machine/limits.ts';
import { sampleYardsticks } from '../machine/yardstick.ts';
import { calibrate } from '../network/calibration.ts';
import { calibrationFault, describeLink, lateFault, type Network } from '../network/index.ts';
import type { Peer } from '../peer/peer.ts';
import { predictWallMs } from '../plan/estimate.ts';
import { located, readRequest, writeRequest } from '../plan/kept-request.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import type { PeerFileData, RunRequest } from '../plan/request.ts';
import { formatSize } from '../plan/sizes.ts';
import {
  captureEnvironment,
  differingConditions,
  type Environment,
  implementationFacts,
  type NetworkFacts,
} from '../record/environment.ts';
import { ensureFolder } from '../record/folder.ts';
import { newRunId, RecordWriter, readRecord, type Sample } from '../record/samples.ts';
import { readModel, summaryJson, summaryTable, writeReport } from '../report/index.ts';
import { measureFloor } from '../run/floor.ts';
import { announced, silentProgress, TerminalProgress } from '../run/progress.ts';
import { Sweep } from '../run/sweep.ts';
import { interruptible } from './interrupt.ts';
import { connectPeer } from './request/connect-peer.ts';
import { implementationsOf, runRequest } from './request/index.ts';
import { planOwnData, tellSender } from './request/own-data.ts';
import { quoted, recordedCommand } from './request/recorded-command.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

type Arguments = ArgumentsOf<'run'>;

export const runCommand = defineCommand({
  name: 'run',
  describe: 'measure implementations and write a record and a report',
  examples: [
    ['$0 run --impl all', 'everything, at the default sizes'],
    ['$0 run --impl hash,ecdh --size 2^10,2^16 --runs 20', 'two implementations, two sizes'],
    ['$0 run --impl all,-seal --net none,lan,wan', 'all but one, over shaped links as well'],
    ['$0 run --impl ecdh --receiver-size 64 --sender-size 2^16', 'unbalanced sets'],
    ['$0 run --impl all --dataset file --receiver-file a.csv --sender-file b.csv --key id', 'your own data'],
    ['$0 run --impl ./my-psi.ts,hash', 'your own implementation beside one of these'],
    ['$0 run --resume results/20260131T120000Z-3f9a', 'go on where an interrupted run stopped'],
  ],
  run,
});

async function run(argv: Arguments, given: ReadonlySet<string>): Promise<number> {
  const request =
    argv.resume === undefined ? runRequest(argv) : await resumedRequest(argv.resume, argv, given);
  const { data } = request;
  const spooled = await spool(filesOf(data));
  try {
    return await measure(argv, { ...request, data: readableData(data, spooled) });
  } finally {
    await spooled.dispose();
  }
}

function filesOf(data: RunRequest['data']): string[] {
  if (data.kind === 'file') return [data.receiverFile, data.senderFile];
  return data.kind === 'peer-file' ? [data.own.receiverFile] : [];
}

function readableData(data: RunRequest['data'], spooled: Spooled): RunRequest['data'] {
  if (data.kind === 'file') return readable(data, spooled);
  return data.kind === 'peer-file' ? { ...data, own: readable(data.own, spooled) } : data;
}

async function measure(argv: Arguments, request: RunRequest): Promise<number> {
  const { data } = request;
  if (argv.writeResult !== undefined && data.kind !== 'file' && data.kind !== 'peer-file') {
    throw new UsageError("--write-result writes rows of the receiver's file: it needs --dataset file");
  }
  if (request.cpus) pinTo(request.cpus);
  if (data.kind === 'peer-file') return runOverFiles(argv, request, data);
  const plan = await makePlan(request);
  for (const remark of plan.remarks) process.stderr.write(`bench: ${remark}\n`);
  if (argv.dryRun) {
    process.stdout.write(dryRun(plan));
    return ExitCode.fine;
  }
  return runPlan(argv, plan, await connectPeer(argv, request, plan.located));
}

/** A file here and one on the other host: what they share has to be found before the plan is whole. */
async function runOverFiles(argv: Arguments, request: RunRequest, data: PeerFileData): Promise<number> {
  const peer = await connectPeer(argv, request, await findImplementations(request.impl));
  if (!peer) throw new UsageError('half of the data is on another host: give --peer');
  using interrupt = interruptible();
  try {
    const plan = await planOwnData(request, data, peer, interrupt.signal);
    if (argv.dryRun) {
      process.stdout.write(dryRun(plan));
      return ExitCode.fine;
    }
    return await runPlan(argv, plan, peer);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write('bench: interrupted before anything was measured\n');
    return ExitCode.interrupted;
  } finally {
    peer.close();
  }
}

async function runPlan(argv: Arguments, plan: Plan, peer: Peer | null): Promise<number> {
  if (argv.resume === undefined) ensureFolder(argv.out);
  ensureFolder(argv.reports);
  const { cores } = processLimits();
  if (plan.request.threads > cores) {
    warn(`--threads ${plan.request.threads} on ${cores} cores: threads will wait for one another`);
  }
  const record = await openRecord(argv, plan, peer);
  const { writer } = record;
  const swept = await sweepPlan(plan, record, peer);
  if (swept === 'peer gone') {
    process.stderr.write(
      `bench: the peer is gone; what was measured is kept: bench run --resume ${writer.dir} --peer HOST:PORT\n`,
    );
    return ExitCode.broken;
  }
  if (swept === 'interrupted') {
    const asBefore = argv.peer === undefined ? '' : ' --peer … --token-file …, as before';
    const where = whereWords(argv);
    process.stderr.write(
      `bench: interrupted; what was measured is kept: bench run --resume ${writer.dir}${where}${asBefore}\n`,
    );
    return ExitCode.interrupted;
  }
  await summarize(argv, writer.dir, record.run);
  if (argv.writeResult !== undefined) await writeResult(plan, writer.dir, argv.writeResult);
  return broken(swept) ? ExitCode.broken : ExitCode.fine;
}

/** What a continued run has to be told again, since records keep no folders. */
function whereWords({ impl, receiverFile, senderFile }: Arguments): string {
  const names = implementationsOf(impl);
  const said = [
    ...(names.some((name) => resolve(name) !== resolve(withoutFolder(name))) ? ['--impl', impl] : []),
    ...Object.entries({ '--receiver-file': receiverFile, '--sender-file': senderFile }).flatMap(
      ([flag, file]) => (file === undefined || resolve(file) === resolve(basename(file)) ? [] : [flag, file]),
    ),
  ];
  return said.map((word) => ` ${quoted(word)}`).join('');
}

/** Measures all of it and closes the record and the peer; resolves to the failed runs. */
async function sweepPlan(
  plan: Plan,
  { writer, run: runId, earlier, networks, environment }: OpenRecord,
  peer: Peer | null,
): Promise<readonly Sample[] | 'interrupted' | 'peer gone'> {
  const progress = process.stderr.isTTY ? new TerminalProgress(process.stderr, plan) : silentProgress;
  using interrupt = interruptible();
  const { signal } = interrupt;
  let peerGone = false;
  peer?.onGone(() => {
    peerGone = true;
    interrupt.abort(); // what is not measured yet is not the cells' fault
  });
  const sweep = new Sweep({ plan, run: runId, writer, earlier, networks, progress, signal, peer });
  let failed: readonly Sample[];
  try {
    failed = await sweep.run();
    const { data } = plan.request;
    if (peer && !signal.aborted && data.kind === 'peer-file' && data.resultTo === 'both') {
      await tellSender(plan, peer);
    }
  } finally {
    progress.end();
    peer?.close();
    writer.close();
  }
  for (const [network, share] of sweep.lateShares) warn(lateFault(network, share));
  for (const cell of sweep.unsure) warn(unsureText(cell, plan.request));
  warn(sweep.foreignLoad && loadWarning(sweep.foreignLoad));
  const { foreignLoad, foreignDuring } = sweep;
  await writer.updateEnvironment({
    ...environment,
    ...(foreignLoad && { foreignLoad }),
    ...(foreignDuring && { foreignDuring }),
  });
  return peerGone ? 'peer gone' : signal.aborted ? 'interrupted' : failed;
}

/** What was skipped or cannot run here is no fault of the measurement. */
function broken(failed: readonly Sample[]): boolean {
  return failed.some(({ outcome }) => outcome !== 'skipped' && outcome !== 'unavailable');
}

/** What was asked for; where its files lie now may be said again. */
async function resumedRequest(
  dir: string,
  { impl, receiverFile, senderFile }: Arguments,
  given: ReadonlySet<string>,
): Promise<RunRequest> {
  const isWhere = (flag: string) => FLAGS.get(flag)?.recorded === 'name';
  const asked = REQUEST_FLAGS.filter((flag) => given.has(flag) && !isWhere(flag)).map((flag) => `--${flag}`);
  if (asked.length > 0) {
    throw new UsageError(
      `--resume continues a run as it was asked for: leave out ${asked.join(' ')}, or start a new run`,
    );
  }
  return located(await readRequest(dir), {
    ...(given.has('impl') && { impl: implementationsOf(impl) }),
    ...(receiverFile !== undefined && { receiverFile }),
    ...(senderFile !== undefined && { senderFile }),
  });
}

interface OpenRecord {
  readonly writer: RecordWriter;
  readonly run: string;
  readonly earlier: readonly Sample[];
  /** As calibrated at the start of this session. */
  readonly networks: Readonly<Record<string, NetworkFacts>>;
  readonly environment: Environment;
}

async function openRecord(argv: Arguments, plan: Plan, peer: Peer | null): Promise<OpenRecord> {
  const networks: Record<string, NetworkFacts> = {};
  for (const network of plan.networks) networks[network.name] = await calibrated(network, peer);
  const facts = {
    run: newRunId(),
    started: new Date().toISOString(),
    command: recordedCommand(process.argv.slice(2)),
    ...(peer && { peer: peer.self }),
    seed: plan.request.seed,
    yardsticks: sampleYardsticks(),
    networks,
    datasets: plan.datasets,
    implementations: Object.fromEntries(
      await Promise.all(
        plan.located.map(async ({ implementation, module }) => {
          return [implementation.id, implementationFacts(implementation, await sourceHash(module))] as const;
        }),
      ),
    ),
  };
  const floor = await measureFloor();
  const environment = { ...(await captureEnvironment(facts, projectRoot)), ...(floor && { floor }) };
  if (argv.resume === undefined) {
    const writer = await RecordWriter.create(argv.out, environment);
    await writeRequest(writer.dir, plan.request);
    return { writer, run: environment.run, earlier: [], networks, environment };
  }
  const { writer, record } = await RecordWriter.resume(argv.resume);
  const difference = differingConditions(record.environment, environment);
  const otherData = !isDeepStrictEqual(
    withoutCheck(record.environment.datasets),
    withoutCheck(plan.datasets),
  );
  if (difference !== null || otherData) {
    writer.close();
    throw new UsageError(
      `${argv.resume} was begun under other conditions (${difference ?? 'the data'}): start a new run instead`,
    );
  }
  return {
    writer,
    run: record.environment.run,
    earlier: record.samples,
    networks,
    environment: record.environment,
  };
}

/** Facts on data sets as they must be when a run goes on: by whom the answer was found may differ. */
function withoutCheck(datasets: Environment['datasets']) {
  return Object.entries(datasets).map(([name, { checked: _, ...facts }]) => [name, facts]);
}

/** Measures what a network's links really are, and says so. */
async function calibrated(network: Network, peer: Peer | null): Promise<NetworkFacts> {
  const measuring = peer ? peer.calibrate() : calibrate(network);
  const facts = await announced(`network ${network.name}: calibrating`, measuring, (line) => {
    process.stderr.write(`${line}\n`);
  });
  const { measuredBandwidthBps: bandwidthBps, measuredRttMs: rttMs } = facts;
  if (bandwidthBps !== null && rttMs !== null) {
    const got = describeLink({ bandwidthBps, rttMs });
    const asked = network.link ? `${describeLink(network.link)}; ` : '';
    process.stderr.write(`network ${network.name}: ${asked}calibrated: ${got}\n`);
    warn(calibrationFault(network.name, facts));
  }
  return facts;
}

function unsureText({ cell, runs, halfWidth }: Sweep['unsure'][number], { precision }: RunRequest): string {
  const percent = (share: number) => `± ${Number((share * 100).toPrecision(2))} %`;
  const got = halfWidth === null ? 'too few for a 95 % interval' : percent(halfWidth);
  return `unsure: ${cell.id}: ${got} after ${runs} runs, asked ${percent(precision?.share ?? 0)}: raise --budget or --max-runs`;
}

function warn(message: string | null): void {
  if (message !== null) process.stderr.write(`bench: warning: ${message}\n`);
}

async function summarize(argv: Arguments, dir: string, runId: string): Promise<void> {
  const report = await writeReport([dir], join(argv.reports, runId));
  const model = await readModel([dir]);
  const samples = join(dir, 'samples.csv');
  if (argv.json) {
    process.stdout.write(`${JSON.stringify({ ...summaryJson(model), samples, report }, null, 2)}\n`);
  } else {
    process.stdout.write(`${summaryTable(model)}\n\nsamples: ${samples}\nreport:  ${report}\n`);
  }
}

/** Every result was compared with the known intersection: so that is what any of them found. */
async function writeResult(plan: Plan, dir: string, file: string): Promise<void> {
  const record = await readRecord(dir);
  const [block] = plan.blocks;
  if (!block || !record.samples.some(({ outcome }) => outcome === 'ok')) {
    throw new UsageError(`nothing is written to ${file}: no run produced a correct result`);
  }
  const { dataset, expected } = block;
  const rows = await writeMatches(dataset, expected ?? (await expectedIntersection(dataset)), file);
  process.stderr.write(`bench: ${rows} matching rows of the receiver are in ${file}\n`);
}

function dryRun(plan: Plan): string {
  const lines = plan.blocks.flatMap(({ cells }) =>
    cells.map((cell) => {
      const predicted = predictWallMs(cell, []);
      const size = `${formatSize(cell.sizes.receiver)} × ${formatSize(cell.sizes.sender)}, ${formatSize(cell.overlap)} shared`;
      const cost = predicted === null ? 'no estimate' : `about ${formatMs(predicted)} a run`;
      const network = cell.link ? ` over ${cell.network} (${describeLink(cell.link)})` : '';
      return `${cell.located.implementation.id.padEnd(18)} ${cell.datasetName} ${size}${network}: ${cost}\n`;
    }),
  );
  return `${lines.join('')}${lines.length} cells, at least ${plan.request.runs} runs each within ${plan.request.budgetMs / 1000} s per cell; nothing was measured\n`;
}
