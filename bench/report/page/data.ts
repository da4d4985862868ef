/** What the page carries of the records: plain JSON. */

import type { ChartData } from '../charts/list.ts';
import type { ClaimRow } from '../claims/text.ts';

export interface PageMachine {
  readonly name: string;
  readonly charts: ChartData;
  readonly claims: readonly ClaimRow[];
}

export interface PageData {
  readonly runs: readonly string[];
  readonly machines: readonly PageMachine[];
}
