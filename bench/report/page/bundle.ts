/**
 * Puts modules of this project into one script for the page, so that the page decides, formats and draws with
 * the very code that made the report.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * The script that runs `entry`, a path from `root`, and all that it imports: the same on every machine. In a
 * published package, where `entry` is compiled, it has been put together already.
 * @throws Error on a module that no browser can run, and on any package: packages that expect Node come in
 *   unseen, through a module that something small was imported from
 */
export function bundle(entry: string, root: string): string {
  if (!entry.endsWith('.ts')) return readFileSync(join(root, entry), 'utf8');
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2023',
    charset: 'utf8',
    // Readable: whoever opens the page's source sees the code that decided.
    minify: false,
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
  });
  const foreign = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules/'));
  if (foreign.length > 0) throw new Error(`${entry} is for a browser, and imports ${foreign.join(', ')}`);
  const [script] = outputFiles;
  if (!script) throw new Error(`nothing came out of ${entry}`);
  return script.text;
}
