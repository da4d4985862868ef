/** The columns of a record's tables, in order; `docs/columns.md` says what each means. */
import { ROLES } from '../terms.ts';
import type { Column } from './csv-table.ts';
import { FAILURES, MODES, STAGES } from './rows.ts';

export const SAMPLE_COLUMNS: readonly Column[] = [
  ['run', 'run', 'text'],
  ['cell', 'cell', 'text'],
  ['impl', 'impl', 'text'],
  ['version', 'version', 'text'],
  ['build', 'build', ['ts', 'wasm', 'native', 'enclave', 'enclave-simulated']],
  ['engine', 'engine', 'text'],
  ['dataset', 'dataset', 'text'],
  ['receiver_size', 'receiverSize', 'count'],
  ['sender_size', 'senderSize', 'count'],
  ['overlap', 'overlap', 'count'],
  ['network', 'network', 'text'],
  ['sample', 'sample', 'count'],
  ['warmup', 'warmup', 'flag'],
  ['outcome', 'outcome', ['ok', ...FAILURES]],
  ['reason', 'reason', 'text'],
  ['result_size', 'resultSize', 'count', 'measured'],
  ['wall_ms', 'wallMs', 'number', 'measured'],
  ['receiver_cpu_ms', 'receiverCpuMs', 'number', 'measured'],
  ['sender_cpu_ms', 'senderCpuMs', 'number', 'measured'],
  ['helper_cpu_ms', 'helperCpuMs', 'optional number', 'measured'],
  ['receiver_sent_bytes', 'receiverSentBytes', 'count', 'measured'],
  ['sender_sent_bytes', 'senderSentBytes', 'count', 'measured'],
  ['helper_sent_bytes', 'helperSentBytes', 'optional count', 'measured'],
  ['flights', 'flights', 'count', 'measured'],
  ['receiver_peak_bytes', 'receiverPeakBytes', 'optional count', 'measured'],
  ['sender_peak_bytes', 'senderPeakBytes', 'optional count', 'measured'],
  ['helper_peak_bytes', 'helperPeakBytes', 'optional count', 'measured'],
  ['setup_ms', 'setupMs', 'number', 'measured'],
  ['prepare_ms', 'prepareMs', 'number', 'measured'],
  ['online_ms', 'onlineMs', 'number', 'measured'],
  ['options', 'options', 'text'],
  ['threads', 'threads', 'count'],
  ['seeded', 'seeded', 'flag'],
  ['private', 'private', 'flag'],
  ['messages', 'messages', 'count', 'measured'],
  ['estimate_ms', 'estimateMs', 'optional number'],
  ['yardstick_us', 'yardstickUs', 'optional number'],
  ['started', 'started', 'text'],
  ['result_sha256', 'resultSha256', 'text', 'measured'],
  ['output', 'output', 'text', undefined, () => 'intersection'],
  [
    'hardware',
    'hardware',
    ['', 'simulated', 'emulated', 'vm', 'real'],
    undefined,
    ({ build }) => (build === 'enclave-simulated' ? 'simulated' : build === 'enclave' ? 'real' : ''),
  ],
  // Before there were modes, one set of processes made all runs of a cell, and the first ones warmed it.
  ['mode', 'mode', MODES, undefined, () => 'warm'],
  ['execution', 'execution', 'count', undefined, () => 0],
  ['start_ms', 'startMs', 'number', 'measured', () => 0],
  ['load_ms', 'loadMs', 'number', 'measured', () => 0],
  ['close_ms', 'closeMs', 'optional number', 'measured', () => null],
];

export const PARTY_COLUMNS: readonly Column[] = [
  ['run', 'run', 'text'],
  ['cell', 'cell', 'text'],
  ['sample', 'sample', 'count'],
  ['party', 'party', ROLES],
  ['phase', 'phase', STAGES],
  ['wall_ms', 'wallMs', 'number'],
  ['cpu_user_ms', 'cpuUserMs', 'number'],
  ['cpu_system_ms', 'cpuSystemMs', 'number'],
  ['peak_bytes', 'peakBytes', 'optional count'],
  ['sent_bytes', 'sentBytes', 'count'],
  ['received_bytes', 'receivedBytes', 'count'],
  ['sent_messages', 'sentMessages', 'count'],
  ['received_messages', 'receivedMessages', 'count'],
  ['flights', 'flights', 'count'],
  ['steps', 'steps', 'steps'],
  ['children', 'children', 'count', undefined, () => 0],
];

/** The columns of `samples.csv`, in order. */
export const sampleColumns: readonly string[] = SAMPLE_COLUMNS.map(([column]) => column);
/** The columns of `parties.csv`, in order. */
export const partyColumns: readonly string[] = PARTY_COLUMNS.map(([column]) => column);
