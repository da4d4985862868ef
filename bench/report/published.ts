/** What others published: data with sources, shown in tables of their own. */

import published from './published.json' with { type: 'json' };

export interface PublishedPsi {
  readonly system: string;
  readonly protocol: string;
  /** `cardinality`: circuit PSI, whose result is shares of membership bits. */
  readonly output: string;
  /** `warm`: base transfers were made before. The starting of programs is in neither. */
  readonly mode: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  readonly ms: number;
  /** Of both parties together; null where the source gives none. */
  readonly bytes: number | null;
  /** Of each party. */
  readonly threads: number;
  readonly network: string;
  readonly machine: string;
  readonly origin: string;
  readonly source: string;
}

export interface PublishedEnclave {
  readonly hardware: string;
  readonly what: string;
  /** How many times as long it takes as outside; null where the figure is no slowdown. */
  readonly factor: number | null;
  readonly figure: string;
  readonly source: string;
}

export const PUBLISHED_PSI: readonly PublishedPsi[] = published.psi;
export const PUBLISHED_ENCLAVES: readonly PublishedEnclave[] = published.enclaves;
