/**
 * Implementations that are wrong on purpose: the baseline with one thing broken, each with the check
 * that must kill it. They are what the suite itself is tested with.
 */
import { wrongFaults } from './faults.ts';
import type { Wrong } from './parts.ts';
import { wrongDeclarations, wrongResults } from './results.ts';
import { wrongImages, wrongTranscripts } from './transcripts.ts';
import { tricks } from './tricks.ts';

/** All of them, in the order of the checks. */
export const wrongImplementations: readonly Wrong[] = [
  ...wrongDeclarations,
  ...wrongResults,
  ...wrongTranscripts,
  ...wrongImages,
  ...wrongFaults,
  ...tricks.flatMap(({ implementation, killedBy }) => (killedBy ? [{ implementation, ...killedBy }] : [])),
];
