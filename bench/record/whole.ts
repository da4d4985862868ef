/** Writing all of a text: a disk that is almost full takes a part of it and says so only by the number. */
import { writeSync } from 'node:fs';

/** @throws when not all of `text` could be written */
export function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    const taken = writeSync(file, bytes, written);
    if (taken === 0)
      throw new Error(`a write of ${bytes.length} bytes ended after ${written}: is the disk full?`);
    written += taken;
  }
}
