/**
 * `npm run benchmark <part> [arguments]`: the benchmarks of our own code, a file each in this folder. They print
 * ratios taken in turns within one run, so run them with nothing else on the machine. Without a part: the list.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('./', import.meta.url);
/** What the parts share; no parts themselves. */
const SHARED = new Set(['index.ts', 'protocol.ts', 'ratio.ts']);

const parts = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !SHARED.has(file))
  .map((file) => file.slice(0, -'.ts'.length));

/** The first sentence of a part's docblock. */
function summary(part: string): string {
  const text = readFileSync(new URL(`${part}.ts`, folder), 'utf8');
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  const prose = comment
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return /^.*?[.](?=\s|$)/.exec(prose.replace(/^`[^`]*`:\s*/, ''))?.[0] ?? '';
}

const [part, ...rest] = process.argv.slice(2);
if (part === undefined || part === '--help') {
  console.log('npm run benchmark <part> [arguments]\n');
  for (const name of parts) console.log(`  ${name.padEnd(12)} ${summary(name)}`);
} else if (!parts.includes(part)) {
  process.stderr.write(`benchmark: there is no part "${part}": there are ${parts.join(', ')}\n`);
  process.exitCode = 2;
} else {
  const file = fileURLToPath(new URL(`${part}.ts`, folder));
  const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...rest], { stdio: 'inherit' });
  process.exitCode = status ?? 3;
}
