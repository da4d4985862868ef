/**
 * `npm run benchmark kkrt`: KKRT between two processes at several sizes, one-shot and warm, with the share of each
 * step. Arguments: sizes as exponents (default 8 12 16 20), `base=extended`, `unbalanced`, `sets=3`, `warm=3`, `threads=1`.
 */
import { fileURLToPath } from 'node:url';
import { measure, print, type Sizes, yardsticks } from './protocol.ts';

const MODULE = fileURLToPath(new URL('../impls/kkrt/index.ts', import.meta.url));
/** Native libPSI, one thread per party, total in s, where X25519 takes 35 µs; and the factor to be reached. */
const NATIVE: Readonly<Record<number, readonly [seconds: number, factor: number]>> = {
  12: [0.13, 0.5],
  16: [0.2, 0.8],
  20: [1.86, 0.8],
};

const args = process.argv.slice(2);
const given = (name: string) => args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
const exponents = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
const base = given('base') ?? 'direct';
const effort = {
  sets: Number(given('sets') ?? 3),
  warm: Number(given('warm') ?? 3),
  threads: Number(given('threads') ?? 1),
};
const sizes: Sizes[] = (exponents.length > 0 ? exponents : [8, 12, 16, 20]).map((e) => ({
  receiver: 2 ** e,
  sender: 2 ** e,
}));
if (args.includes('unbalanced'))
  sizes.push({ receiver: 2 ** 10, sender: 2 ** 20 }, { receiver: 2 ** 20, sender: 2 ** 10 });

for (const size of sizes) {
  const { x25519Us, text } = yardsticks();
  const measured = await measure({ module: MODULE, id: 'kkrt', options: { base } }, size, effort);
  print(measured, console.log);
  console.log(`  ${text}`);
  const native = size.receiver === size.sender ? NATIVE[Math.log2(size.receiver)] : undefined;
  if (native) {
    const scaled = (native[0] * 1000 * x25519Us) / 35;
    const ratios = measured.oneShot.map(({ wallMs }) => wallMs / scaled).sort((a, b) => a - b);
    console.log(
      `  one-shot ÷ native libPSI scaled to this X25519 (${scaled.toFixed(0)} ms): ` +
        `${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} (target: at most ${native[1]})`,
    );
  }
}
