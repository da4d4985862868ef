/**
 * Initial RAM file systems in the kernel's format (`newc`, Documentation/driver-api/early-userspace/buffer-format
 * of Linux): the same entries give the same bytes, so that what boots can be measured. Times, owners and
 * inode numbers depend on nothing but the entries' order.
 */

/** A file, a link or a folder; paths are relative, with forward slashes. Folders above a file are made. */
export type Entry =
  | { readonly path: string; readonly data: Uint8Array; readonly executable?: boolean }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly folder: true };

const FILE = 0o100644;
const PROGRAM = 0o100755;
const FOLDER = 0o040755;
const LINK = 0o120777;
const HEADER_BYTES = 110;
const TRAILER = 'TRAILER!!!';
/** The kernel reads archives in blocks of so many bytes. */
const BLOCK = 512;

/** The archive of `entries`, in the order of their paths. */
export function cpio(entries: readonly Entry[]): Uint8Array {
  const made = new Set<string>();
  const parts: Uint8Array[] = [];
  let inode = 0;
  const add = (path: string, mode: number, data: Uint8Array) => {
    inode += 1;
    parts.push(...record(path, path === TRAILER ? 0 : inode, mode, data));
  };
  const addFolder = (path: string) => {
    if (path === '' || made.has(path)) return;
    addFolder(parentOf(path));
    made.add(path);
    add(path, FOLDER, NOTHING);
  };
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    addFolder(parentOf(entry.path));
    if ('folder' in entry) addFolder(entry.path);
    else if ('link' in entry) add(entry.path, LINK, Buffer.from(entry.link));
    else add(entry.path, entry.executable ? PROGRAM : FILE, entry.data);
  }
  add(TRAILER, 0, NOTHING);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([...parts, new Uint8Array(-length & (BLOCK - 1))]);
}

const NOTHING = new Uint8Array(0);

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Header and name, padded to four bytes; then the data, padded likewise. */
function record(path: string, inode: number, mode: number, data: Uint8Array): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = 1;
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const hex = fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  const head = Buffer.from(`070701${hex}`);
  return [head, name, padding(HEADER_BYTES + name.length), data, padding(data.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}
