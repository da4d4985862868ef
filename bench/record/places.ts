/** Sentences for a record without the places that they name: folders tell of persons and machines. */
import { homedir, tmpdir } from 'node:os';

/** Paths that are the same on every machine of a kind tell nothing of this one. */
const OF_THE_SYSTEM = /^\/(?:dev|proc|sys|usr|etc|lib|lib64|bin|sbin|opt)\//;
const ENDS = /(?=[/\\]|$|[\s'"`:,;()<>])/;

/** `text` with the last part of every absolute path alone: `…/my-psi.ts`. */
export function withoutPlaces(text: string): string {
  // These may have blanks in them, at which a path would seem to end.
  const own = [homedir(), process.cwd(), tmpdir()].filter((path) => path.length > 1);
  const shortened = own
    .sort((a, b) => b.length - a.length)
    .reduce((rest, path) => rest.replace(new RegExp(escaped(path) + ENDS.source, 'g'), '…'), text);
  return (
    shortened
      .replace(/file:\/\/(?=[/…])/g, '')
      // In quotes, a path may have blanks as well.
      .replace(/(['"`])(…?)((?:\/[^/'"`\n]+)+)\1/g, (_, quote: string, before: string, path: string) =>
        [quote, lastPart(before, path), quote].join(''),
      )
      .replace(/(?<![\w.~/…])(…?)((?:\/[^\s/'"`:,;()<>]+)+)/g, (_, before: string, path: string) =>
        lastPart(before, path),
      )
      .replace(
        /(?:[A-Za-z]:|…)((?:\\[^\s\\'"`:,;()<>]+)+)/g,
        (_, path: string) => `…\\${path.slice(path.lastIndexOf('\\') + 1)}`,
      )
  );
}

/** @param before `…` where a folder was taken away in front of the path */
function lastPart(before: string, path: string): string {
  if (before === '' && OF_THE_SYSTEM.test(path)) return path;
  const at = path.lastIndexOf('/');
  // One part alone (`/s`) is as likely a unit as a path.
  return before === '' && at === 0 ? path : `…${path.slice(at)}`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
