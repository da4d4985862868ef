/**
 * `npm run benchmark rr22`: vector OLE between two processes at several sizes, one-shot and warm, with the share of
 * each step. Arguments: sizes as exponents (default 8 10 12 14 16 20), `unbalanced` (2^10 and 2^20, both ways),
 * `threads=2`, `okvs=band`, `ot=softspoken`, `sets=5`, `warm=3`. Without sizes, the unbalanced ones are included, and 2^20
 * with two threads.
 */
import { fileURLToPath } from 'node:url';
import rr22 from '../impls/rr22/index.ts';
import { measure, print, type Sizes, yardsticks } from './protocol.ts';

const MODULE = fileURLToPath(new URL('../impls/rr22/index.ts', import.meta.url));
/** X25519 where the native figures were measured, in µs. */
const NATIVE_X25519_US = 30;
/**
 * Native volePSI, one thread per party, loopback, base transfers included, in ms, and the factor to be reached. Up to
 * 2^16 it scales with X25519; at 2^20 memory decides, and random reads took 3.5 ns of 16 MB and 13 ns of 128 MB there.
 */
const NATIVE: Readonly<Record<number, readonly [ms: number, factor: number, scales: boolean]>> = {
  12: [27, 1, true],
  16: [50, 1.5, true],
  20: [870, 1.2, false],
};

/** What is left of a first run without the loading of code. */
const EXCHANGE = new Set(['setup', 'prepare', 'online']);

const args = process.argv.slice(2);
const given = (name: string) => args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
const exponents = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
const options = { okvs: given('okvs') ?? 'sparse', ot: given('ot') ?? 'iknp' };
for (const [name, value] of Object.entries(options)) {
  const spec = rr22.options[name];
  if (spec?.type === 'enum' && !spec.values.includes(value)) {
    process.stderr.write(
      `benchmark rr22: "${name}" must be one of ${spec.values.join(', ')}, got ${value}\n`,
    );
    process.exit(2);
  }
}
const effort = { sets: Number(given('sets') ?? 5), warm: Number(given('warm') ?? 3) };
const threads = Number(given('threads') ?? 1);

const everything = exponents.length === 0;
const cells: { readonly sizes: Sizes; readonly threads: number }[] = (
  everything ? [8, 10, 12, 14, 16, 20] : exponents
).map((e) => ({ sizes: { receiver: 2 ** e, sender: 2 ** e }, threads }));
if (everything || args.includes('unbalanced')) {
  cells.push(
    { sizes: { receiver: 2 ** 10, sender: 2 ** 20 }, threads },
    { sizes: { receiver: 2 ** 20, sender: 2 ** 10 }, threads },
  );
}
if (everything) cells.push({ sizes: { receiver: 2 ** 20, sender: 2 ** 20 }, threads: 2 });

console.log(`okvs ${options.okvs}, ot ${options.ot}`);
for (const { sizes, threads: count } of cells) {
  const { x25519Us, text } = yardsticks();
  const measured = await measure({ module: MODULE, id: 'rr22', options }, sizes, {
    ...effort,
    threads: count,
  });
  print(measured, console.log);
  if (count > 1) console.log(`  ${count} threads per party`);
  console.log(`  ${text}`);
  const native = sizes.receiver === sizes.sender ? NATIVE[Math.log2(sizes.receiver)] : undefined;
  if (!native || count > 1) continue;
  const [nativeMs, factor, scales] = native;
  const against = scales ? (nativeMs * x25519Us) / NATIVE_X25519_US : nativeMs;
  const ratios = (value: (run: (typeof measured.oneShot)[number]) => number) =>
    measured.oneShot
      .map((run) => value(run) / against)
      .sort((a, b) => a - b)
      .map((ratio) => ratio.toFixed(2))
      .join(', ');
  const exchange = (phases: (typeof measured.oneShot)[number]['phases']) =>
    phases.reduce((sum, { phase, wallMs }) => (EXCHANGE.has(phase) ? sum + wallMs : sum), 0);
  // The native figure begins once the program has been loaded.
  console.log(
    `  one-shot ÷ native volePSI${scales ? ' scaled to this X25519' : ''} (${against.toFixed(0)} ms), ` +
      `code already loaded as there: ${ratios(({ phases }) => exchange(phases))} (target: at most ${factor}); ` +
      `loading included: ${ratios(({ wallMs }) => wallMs)}`,
  );
}
