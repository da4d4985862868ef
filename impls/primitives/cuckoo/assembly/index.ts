/**
 * Cuckoo tables with three candidate bins for each item, in the memory that is imported: for sets of millions.
 * Addresses depend on the items; this runs where they are known.
 */

const HASHES: u32 = 3;
const NONE: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline
function at(array: usize, i: u32): usize {
  return array + (<usize>i << 2);
}

/**
 * Three different bins for each item, from the first three words of its 16 bytes at `hashes`: of `bins`, of `bins`
 * less one, of `bins` less two, then past those that are taken.
 */
export function candidates(hashes: usize, count: u32, bins: u32, out: usize): void {
  for (let i: u32 = 0; i < count; i++, hashes += 16, out += 12) {
    const a = scale(load<u32>(hashes), bins);
    let b = scale(load<u32>(hashes, 4), bins - 1);
    b += u32(b >= a);
    let c = scale(load<u32>(hashes, 8), bins - 2);
    c += u32(c >= min(a, b));
    c += u32(c >= max(a, b));
    store<u32>(out, a);
    store<u32>(out, b, 4);
    store<u32>(out, c, 8);
  }
}

// @ts-ignore: decorator
@inline
function scale(word: u32, range: u32): u32 {
  return <u32>((<u64>word * range) >> 32);
}

/**
 * Places `count` items whose bins `candidates` holds. A bin of `table` gets the place in `candidates` that led there, 3·item +
 * hash function, or all ones. `seen`, `queue` and `from` are scratch, a word for each bin.
 * @returns the first item for which there is no place, or `count`.
 */
export function insert(
  candidates: usize, count: u32, bins: u32, table: usize, seen: usize, queue: usize, from: usize,
): u32 {
  memory.fill(table, 0xff, <usize>bins << 2);
  memory.fill(seen, 0xff, <usize>bins << 2);
  for (let item: u32 = 0; item < count; item++) {
    const first = item * HASHES;
    let placed = false;
    for (let k = first; k < first + HASHES; k++) {
      const bin = at(table, load<u32>(at(candidates, k)));
      if (load<u32>(bin) != NONE) continue;
      store<u32>(bin, k);
      placed = true;
      break;
    }
    if (!placed && !search(candidates, item, table, seen, queue, from)) return item;
  }
  return count;
}

/** Breadth-first search for a free bin from the bins of `item`, all taken; whoever is on the path moves on. */
function search(candidates: usize, item: u32, table: usize, seen: usize, queue: usize, from: usize): bool {
  let end: u32 = 0;
  for (let k = item * HASHES; k < (item + 1) * HASHES; k++) {
    store<u32>(at(seen, load<u32>(at(candidates, k))), item);
    // The queue holds places in `candidates`; `from` the place in the queue that led there.
    store<u32>(at(queue, end), k);
    store<u32>(at(from, end), NONE);
    end++;
  }
  for (let next: u32 = 0; next < end; next++) {
    const holder = load<u32>(at(table, load<u32>(at(candidates, load<u32>(at(queue, next))))));
    const first = holder / HASHES * HASHES;
    for (let k = first; k < first + HASHES; k++) {
      const bin = load<u32>(at(candidates, k));
      if (load<u32>(at(seen, bin)) == item) continue;
      if (load<u32>(at(table, bin)) == NONE) {
        store<u32>(at(table, bin), k);
        // The holder has moved there; into its bin goes the one that led to it, and so on back.
        for (let place = next; ; place = load<u32>(at(from, place))) {
          const moved = load<u32>(at(queue, place));
          store<u32>(at(table, load<u32>(at(candidates, moved))), moved);
          if (load<u32>(at(from, place)) == NONE) return true;
        }
      }
      store<u32>(at(seen, bin), item);
      store<u32>(at(queue, end), k);
      store<u32>(at(from, end), next);
      end++;
    }
  }
  return false;
}
