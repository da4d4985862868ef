/**
 * `npm run benchmark kernels`: what every implementation stands on, against yardsticks, as ratios taken in turns
 * within one run: digests, joins and `hash`; curve engines; vector OLE; `ecdh` against another library. With the names of
 * parts (`digest`, `curve`, `vole`, `ecdh`) as arguments, only those.
 */

import { run as curve } from './curve.ts';
import { run as digest } from './digest-join.ts';
import { run as ecdh } from './ecdh.ts';
import { run as vole } from './vole.ts';

const PARTS = {
  digest,
  curve,
  vole: (print: (line: string) => void) => vole(print),
  ecdh: (print: (line: string) => void) => ecdh(print, [2 ** 15, 2 ** 20]),
} as const;

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  process.stderr.write(`there is no part "${unknown}": there are ${Object.keys(PARTS).join(', ')}\n`);
  process.exit(2);
}
for (const [name, part] of Object.entries(PARTS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(`\n${name}`);
  await part(console.log);
}
