/** The notation of set sizes and overlaps on the command line. */
import { UsageError } from '../errors.ts';
import { MAX_ITEMS } from '../terms.ts';

/**
 * Reads a set size: `4096`, `2^12`, `64k` (65,536), `1M` (1,048,576); 0 is a size.
 * @throws UsageError when it is none, or larger than {@link MAX_ITEMS}.
 */
export function parseSize(text: string): number {
  const trimmed = text.trim();
  const power = /^(\d+)\^(\d+)$/.exec(trimmed);
  const plain = /^(\d+)([kKmM]?)$/.exec(trimmed);
  const unit = { '': 1, k: 2 ** 10, m: 2 ** 20 }[plain?.[2]?.toLowerCase() ?? ''] ?? 1;
  const size = power ? Number(power[1]) ** Number(power[2]) : plain ? Number(plain[1]) * unit : Number.NaN;
  if (!Number.isSafeInteger(size)) {
    throw new UsageError(
      `invalid set size "${text}": write 4096, 2^12 or 64k (k = 1,024), several with commas`,
    );
  }
  if (size > MAX_ITEMS)
    throw new UsageError(`a set of ${text} items is too large: at most 2^24 are supported`);
  return size;
}

/** Reads a list of sizes, `2^10,4096`, each kept once, in the order given. */
export function parseSizes(text: string): number[] {
  refuseThousands(text);
  return [...new Set(text.split(',').map(parseSize))];
}

/** `1,000` is one number to who writes it, and would be two sizes, 1 and 0. */
function refuseThousands(text: string): void {
  if (!/^\s*\d{1,3}(?:,\d{3})+\s*$/.test(text)) return;
  const whole = text.trim().replaceAll(',', '');
  const [first = '', ...others] = text.trim().split(',');
  const isNumber =
    first.length < 3 ||
    others.some((group) => group.startsWith('0')) ||
    Number.isInteger(Math.log2(Number(whole)));
  if (!isNumber) return;
  throw new UsageError(
    `"${text}" looks like one number with a thousands separator: write ${whole}, or for several sizes ${text.trim().split(',').join(', ')} (in quotes)`,
  );
}

/** How many items the sets share: a count, or a share of the smaller set. */
export type Overlap = { readonly count: number } | { readonly share: number };

/**
 * Reads an overlap: `50%` and `0.5` are shares of the smaller set, whole numbers (in the notation of
 * sizes) are counts.
 */
export function parseOverlap(text: string): Overlap {
  const trimmed = text.trim();
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(trimmed);
  const fraction = /^(\d*\.\d+)$/.exec(trimmed);
  const share = percent ? Number(percent[1]) / 100 : fraction ? Number(fraction[1]) : undefined;
  if (share !== undefined) {
    if (share > 1) throw new UsageError(`the overlap ${text} is more than the whole of the smaller set`);
    return { share };
  }
  try {
    return { count: parseSize(trimmed) };
  } catch {
    throw new UsageError(
      `invalid overlap "${text}": write a share of the smaller set (50% or 0.5) or a count (512 or 2^9)`,
    );
  }
}

/** The overlap in items. @throws UsageError when the sets are too small for it. */
export function overlapCount(overlap: Overlap, receiver: number, sender: number): number {
  const smaller = Math.min(receiver, sender);
  if ('share' in overlap) return Math.round(overlap.share * smaller);
  if (overlap.count > smaller) {
    throw new UsageError(
      `an overlap of ${overlap.count} items is impossible for sets of ${receiver} and ${sender}: at most ${smaller}`,
    );
  }
  return overlap.count;
}

/** A size for people: `2^16` where it is a power of two of at least 1,024, digits grouped otherwise. */
export function formatSize(size: number): string {
  const exponent = Math.log2(size);
  if (size >= 1024 && Number.isInteger(exponent)) return `2^${exponent}`;
  return String(size).replace(/\B(?=(\d{3})+$)/g, ',');
}
