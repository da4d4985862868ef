/** One run of one implementation on two files, for its result and not for its figures: `bench intersect`. */
import {
  differencesOf,
  expectedIntersection,
  type FileInspection,
  type FileSpec,
  fileRemarks,
  inspectFile,
  loadItems,
  lookOf,
  readable,
  sharesFew,
  spool,
  writeMatches,
} from '../../datasets/dataset.ts';
import type { OptionValues, Output, ReceiverResult } from '../contract.ts';
import { ExitCode, UsageError } from '../errors.ts';
import { formatBytes, formatCount, formatMs } from '../format/numbers.ts';
import { builtIn, findImplementations, type Located } from '../implementations/find.ts';
import { parseSetting, resolveOptions } from '../implementations/options.ts';
import { offers } from '../implementations/output.ts';
import type { Link, Network } from '../network/index.ts';
import { fittingHalf, ownFacts } from '../peer/host/own-data.ts';
import { digestsOf } from '../peer/host/shared-items.ts';
import type { Peer } from '../peer/peer.ts';
import { START_TIMEOUT_MS } from '../run/one-run.ts';
import { Parties, type PlayedRun } from '../run/parties.ts';
import { faultOf } from '../run/verify.ts';
import { rolesOf } from '../terms.ts';
import { choose, type Job, referenceObservations } from './choose.ts';
import { disclosure } from './disclosure.ts';

export interface IntersectRequest {
  /** With another host, the receiver's file stands in the place of both. */
  readonly files: FileSpec;
  /** The host that plays the sender, with its own file; null: both files are here. */
  readonly peer: Peer | null;
  /** Who gets the rows: `both` tells the other host which of its items are shared. */
  readonly resultTo: 'receiver' | 'both';
  /** An id, a path, or `auto`. */
  readonly impl: string;
  /** Options as `impl.option=value`. */
  readonly set: readonly string[];
  readonly output: Output;
  readonly threads: number;
  readonly network: Network;
  readonly timeoutMs: number;
  /** Where the receiver's matching rows go; `-` is standard output. */
  readonly out: string;
  /** Compare the result with that of a plain comparison of the two files. */
  readonly check: boolean;
}

/** Where lines for the user go, and what the run is doing while it lasts. */
export interface Reporter {
  say(line: string): void;
  busy(what: string): void;
}

/**
 * Reads both files, runs the protocol in processes of its own for each party, and writes the receiver's
 * rows that matched (or, for other outputs, the number or the answer).
 * @returns the exit code.
 */
export async function intersect(
  request: IntersectRequest,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<number> {
  const { files, peer } = request;
  const spooled = await spool(peer ? [files.receiverFile] : [files.receiverFile, files.senderFile], signal);
  try {
    return await run({ ...request, files: readable(files, spooled) }, reporter, signal);
  } finally {
    await spooled.dispose();
  }
}

async function run(request: IntersectRequest, reporter: Reporter, signal: AbortSignal): Promise<number> {
  const { files, output, threads, peer } = request;
  reporter.busy('reading the files');
  const receiver = await inspectFile(files, 'receiver');
  const sender = peer ? null : await inspectFile(files, 'sender');
  for (const one of [receiver, sender]) if (one) for (const remark of fileRemarks(one)) reporter.say(remark);
  const senderItems =
    sender?.size.items ?? fittingHalf(peer?.welcome.own ?? null, ownFacts(files, receiver)).items;
  const sizes = { receiver: receiver.size.items, sender: senderItems };
  const link = peer ? await linkTo(peer, reporter) : request.network.link;
  const job: Job = { sizes, output, threads, link };
  const { located, options } = await implementationFor(request, job, reporter);
  reporter.busy(located.implementation.id);
  const play = await playOnce(located, options, request, job, signal);
  if (signal.aborted) return ExitCode.interrupted;
  if (play.outcome !== 'played') {
    reporter.say(`${located.implementation.id} gave no result: ${play.outcome}: ${play.reason}`);
    return ExitCode.broken;
  }
  if (request.check) {
    const fault = faultOf(play.result, await expectedIntersection(files), output);
    if (fault !== undefined) {
      reporter.say(`the result is wrong: ${fault}`);
      return ExitCode.broken;
    }
    reporter.say('checked: a plain comparison of the two files gives the same');
  }
  await publish(play.result, request, reporter);
  reporter.say(figures(located, play, receiver));
  for (const line of adviceOn(play.result, receiver, sender, senderItems)) reporter.say(line);
  reporter.say(disclosure(located.implementation, options, output));
  return ExitCode.fine;
}

async function implementationFor(
  { impl, set, peer }: IntersectRequest,
  job: Job,
  reporter: Reporter,
): Promise<{ located: Located; options: OptionValues }> {
  if (impl === 'auto') {
    if (set.length > 0) throw new UsageError('--set goes with a named implementation, not with --impl auto');
    const candidates = (await builtIn()).filter((one) => isAllowed(one, peer));
    const { chosen, why } = await choose(candidates, job, await referenceObservations());
    reporter.say(why);
    return chosen;
  }
  const [located, ...others] = await findImplementations([impl]);
  if (!located || others.length > 0) {
    throw new UsageError(`--impl names one implementation here, or auto; got "${impl}"`);
  }
  const { implementation } = located;
  if (!isAllowed(located, peer)) {
    throw new UsageError(
      `the sender's host allows ${peer?.welcome.allowed.join(', ')}, not ${implementation.id}: its owner would by --impl`,
    );
  }
  const given: Record<string, string> = {};
  for (const text of set) {
    const setting = parseSetting(text);
    if (setting.implementation !== implementation.id) {
      throw new UsageError(`--set ${text}: the implementation is ${implementation.id}`);
    }
    given[setting.option] = setting.value;
  }
  const options = resolveOptions(implementation, given);
  const available = await implementation.available(options);
  if (available !== true) throw new UsageError(`${implementation.id} cannot run here: ${available}`);
  if (!offers(implementation, job.output)) {
    throw new UsageError(`${implementation.id} has no output ${job.output.kind} (see bench list)`);
  }
  return { located, options };
}

function isAllowed({ implementation }: Located, peer: Peer | null): boolean {
  return peer === null || peer.welcome.allowed.includes(implementation.id);
}

/** The network between the hosts, as measured: what the choice among implementations goes by. */
async function linkTo(peer: Peer, reporter: Reporter): Promise<Link | null> {
  reporter.busy('measuring the network');
  const { measuredBandwidthBps: bandwidthBps, measuredRttMs: rttMs } = await peer.calibrate();
  return bandwidthBps === null || rttMs === null ? null : { bandwidthBps, rttMs };
}

async function playOnce(
  { implementation, module }: Located,
  options: OptionValues,
  { files, output, threads, network, timeoutMs, peer }: IntersectRequest,
  { sizes }: Job,
  signal: AbortSignal,
): Promise<PlayedRun> {
  const task = {
    roles: rolesOf(implementation),
    implementation: { module, id: implementation.id },
    dataset: files,
    ...{ sizes, options, output },
    threads: implementation.threads ? threads : 1,
    protocolSeed: null,
  };
  const surroundings = { link: peer ? null : network.link, peer, version: implementation.version };
  const parties = await Parties.start(task, START_TIMEOUT_MS, signal, surroundings);
  if ('outcome' in parties) return parties;
  try {
    return await parties.play(0, timeoutMs);
  } finally {
    await parties.dismiss();
  }
}

async function publish(
  result: ReceiverResult,
  { files, out, peer, resultTo }: IntersectRequest,
  reporter: Reporter,
): Promise<void> {
  if (!(result instanceof Uint32Array)) {
    process.stdout.write(`${String(result)}\n`);
    return;
  }
  await writeMatches(files, result, out);
  if (!peer || resultTo !== 'both') return;
  const rows = await peer.sendResult(digestsOf(await loadItems(files, 'receiver'), result));
  reporter.say(`the sender has written its ${rows} rows that match`);
}

function figures(
  { implementation }: Located,
  play: Extract<PlayedRun, { outcome: 'played' }>,
  receiver: FileInspection,
): string {
  const wallMs = play.phases.reduce((sum, phase) => sum + phase.wallMs, 0);
  const bytes = play.phases
    .flatMap(({ parties }) => [...parties.values()])
    .flatMap(({ traffic }) => Object.values(traffic))
    .reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const found =
    play.result instanceof Uint32Array
      ? `${formatCount(play.result.length)} of the receiver's ${formatCount(receiver.size.items)} items are shared; `
      : '';
  return `${found}${implementation.id} took ${formatMs(wallMs)} and sent ${formatBytes(bytes)} (one run: no measurement)`;
}

/** Why so little is shared, where that is so: each side's look, and how they differ. */
function adviceOn(
  result: ReceiverResult,
  receiver: FileInspection,
  sender: FileInspection | null,
  senderItems: number,
): string[] {
  const shared = result instanceof Uint32Array ? result.length : typeof result === 'number' ? result : null;
  if (shared === null || !sharesFew(shared, receiver.size.items, senderItems)) return [];
  return [
    shared === 0
      ? 'nothing is shared; how the keys are written:'
      : 'almost nothing is shared; how the keys are written:',
    ...lookOf(receiver),
    ...(sender ? [...lookOf(sender), ...differencesOf(receiver, sender)] : []),
  ];
}
