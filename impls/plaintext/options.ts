/** What can be chosen, and a session that knows it. */
import type { OptionSpecs, Session, ValuesOf } from '../../bench/contract.ts';

export const OPTIONS = {
  upload: {
    type: 'enum',
    values: ['digests', 'items'],
    default: 'digests',
    description:
      'what the third party gets: salted 16-byte digests, or the items (an upload then shows their total length)',
  },
} as const satisfies OptionSpecs;

export type PlaintextSession = Session<ValuesOf<typeof OPTIONS>>;
