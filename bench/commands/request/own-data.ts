/** The plan of a run with files on two hosts: neither sees the other's, and the answer is found first. */
import { fileRemarks, inspectFile, loadItems } from '../../../datasets/dataset.ts';
import { UsageError } from '../../errors.ts';
import { findImplementations } from '../../implementations/find.ts';
import { fittingHalf, ownFacts } from '../../peer/host/own-data.ts';
import { digestsOf } from '../../peer/host/shared-items.ts';
import type { Peer } from '../../peer/peer.ts';
import { ownDataOf, withAnswer } from '../../plan/own-data.ts';
import { makePlan, type Plan } from '../../plan/plan.ts';
import type { PeerFileData, RunRequest } from '../../plan/request.ts';
import { agree } from '../../run/agreement.ts';
import { digestOfResult } from '../../run/verify.ts';

/**
 * Looks at this host's file, finds the answer with every implementation of the request, and plans.
 * @throws UsageError when the hosts' data do not fit together, or there is no one answer
 */
export async function planOwnData(
  request: RunRequest,
  data: PeerFileData,
  peer: Peer,
  signal: AbortSignal,
): Promise<Plan> {
  if (request.outputs.some((output) => output !== 'intersection')) {
    throw new UsageError('--output: with files on two hosts results are compared, so it is the intersection');
  }
  const spec = data.own;
  if (data.resultTo === 'both' && !peer.welcome.takesResult) {
    throw new UsageError(
      "--result-to both: the sender's host does not ask for it (bench party --write-result)",
    );
  }
  const inspection = await inspectFile(spec, 'receiver');
  for (const remark of fileRemarks(inspection)) process.stderr.write(`bench: ${remark}\n`);
  const own = fittingHalf(peer.welcome.own, ownFacts(spec, inspection));
  const wanted = { ...request, impl: await chosen(request.impl, peer) };
  const halves = await ownDataOf(spec, own);
  const { expected, checked } = await agree(await makePlan(wanted, halves), peer, signal);
  process.stderr.write(
    `bench: ${expected.length} of ${halves.sizes.receiver} items are shared with the sender's ${own.items}; checked ${checked}\n`,
  );
  return makePlan(wanted, withAnswer(halves, expected, { checked, digest: digestOfResult(expected) }));
}

/** Tells the sender's host which of its items are shared. */
export async function tellSender(plan: Plan, peer: Peer): Promise<void> {
  for (const { dataset, expected } of plan.blocks) {
    if (!expected) continue;
    const rows = await peer.sendResult(digestsOf(await loadItems(dataset, 'receiver'), expected));
    process.stderr.write(`bench: the sender has written its ${rows} rows that match\n`);
  }
}

/**
 * The implementations: `all` are those that both sides have and that trust nobody else with the data;
 * others have to be named, on both sides.
 */
async function chosen(impl: readonly string[], peer: Peer): Promise<string[]> {
  const { allowed } = peer.welcome;
  const found = await findImplementations(impl);
  const isAll = impl.includes('all') || impl.every((name) => name.startsWith('-'));
  const wanted = isAll
    ? found.filter(
        ({ implementation: { id, kind } }) =>
          impl.includes(id) || (kind === 'cryptography' && allowed.includes(id)),
      )
    : found;
  const refused = wanted.map(({ implementation }) => implementation.id).filter((id) => !allowed.includes(id));
  if (refused.length > 0 || wanted.length === 0) {
    throw new UsageError(
      `the sender's host allows ${allowed.join(', ')}, not ${refused.join(', ') || 'what was asked for'}: its owner would by --impl`,
    );
  }
  return wanted.map(({ external, module, implementation }) => (external ? module : implementation.id));
}
