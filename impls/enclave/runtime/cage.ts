/**
 * A file system of its own for a process in Linux namespaces: the image, the runtime and the libraries that
 * the runtime is linked with, all of them read-only, and nothing else of this machine. What Node's permission
 * model forgets to guard then opens nothing that matters.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** In a launcher's folder: what is put into the cage, and where the cage's root is mounted. */
const IMAGE = 'image';
const ROOT = 'root';
/** Where the image is inside. */
const IMAGE_INSIDE = '/image';

/**
 * Runs as process 1 of its namespaces, with the rights of their root: `$1` the root's place, `$2` the image,
 * `$3` the runtime, then the libraries, `--`, and the runtime's arguments. After the root is moved over the
 * old one, nothing leads back.
 */
const SCRIPT = `
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 image=$2 runtime=$3
shift 3
mount -t tmpfs -o size=1m,mode=755 none "$root"
: > "$root/node"
mount -o bind,ro "$runtime" "$root/node"
mkdir "$root/image" "$root/proc"
mount -o bind,ro "$image" "$root/image"
mount -t proc none "$root/proc"
while [ "$1" != -- ]; do
  mkdir -p "$root\${1%/*}"
  : > "$root$1"
  mount -o bind,ro "$1" "$root$1"
  shift
done
shift
mount -o remount,ro "$root"
cd "$root"
mount --move . /
chroot=$(command -v chroot)
unset PATH PWD OLDPWD
exec "$chroot" . /node "$@"
`;

let linked: readonly string[] | undefined;

/** The libraries that this very runtime, which is the cage's too, is linked with. */
function libraries(): readonly string[] {
  if (linked) return linked;
  // Asking the network's interfaces for their names can take long; the types do not know the switch yet.
  Object.assign(process.report, { excludeNetwork: true });
  const { sharedObjects = [] } = process.report.getReport() as { sharedObjects?: string[] };
  linked = sharedObjects.filter((path) => /^\/.*\.so(\.|$)/.test(path) && existsSync(path));
  return linked;
}

/** The folder for an image in a launcher's folder, made with what the cage needs beside it. */
export function imageIn(folder: string): string {
  mkdirSync(join(folder, ROOT), { recursive: true });
  const image = join(folder, IMAGE);
  mkdirSync(image, { recursive: true });
  return image;
}

/** The words that run the runtime with `args` in a cage, for a shell in new namespaces, mounts included. */
export function caged(image: string, args: readonly string[]): string[] {
  const root = join(dirname(image), ROOT);
  return ['sh', '-c', SCRIPT, 'cage', root, image, process.execPath, ...libraries(), '--', ...args];
}

/** Where `path` of the image is in a cage. */
export function insideCage(path: string): string {
  return `${IMAGE_INSIDE}/${path}`;
}
