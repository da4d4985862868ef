/**
 * Preloaded by `npm test`: what tests start (command lines, parties, relays) shares one compile cache, so that the
 * same sources are not stripped of types and compiled a thousand times. It lives as long as the run: a cache kept
 * between runs would grow with every edit.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Child processes preload this module too; the first process, whose environment has no cache yet, owns the folder.
if (process.env.NODE_COMPILE_CACHE === undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'psi-bench-compiled-'));
  process.env.NODE_COMPILE_CACHE = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}
