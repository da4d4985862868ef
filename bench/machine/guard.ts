/**
 * Ends the processes of parties and servers, and what these started, when this one is gone without having
 * done it: a party in an endless loop notices nothing, a server waits for ever. A shell waits for the end of
 * a pipe that only this process holds; the system closes it, whatever the process died of. Folders that end
 * with it are removed in the same way.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

const SCRIPT = `
watched=' '
folder=
while read -r verb group; do
  case $verb in
    remove) folder=$group ;;
    watch) watched="$watched$group " ;;
    leave) case $watched in *" $group "*) watched="\${watched%% "$group" *} \${watched#* "$group" }" ;; esac ;;
  esac
done
for group in $watched; do kill -KILL "-$group"; done 2>/dev/null
[ -z "$folder" ] || rm -rf -- "$folder"
`;

let guard: ChildProcess | undefined;

function pipe(): Writable | null {
  if (guard === undefined && process.platform !== 'win32') {
    guard = spawn('sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    // Without a shell there is no guard: parties then end when they look after their channel.
    guard.on('error', () => {});
    guard.stdin?.on('error', () => {});
    guard.unref();
    (guard.stdin as { unref?(): void } | null)?.unref?.();
  }
  return guard?.stdin ?? null;
}

/** From now on the process group `group` ends with this process. */
export function watchGroup(group: number): void {
  pipe()?.write(`watch ${group}\n`);
}

/** The group has ended: its number may come to mean another one. */
export function leaveGroup(group: number): void {
  pipe()?.write(`leave ${group}\n`);
}

/** The folder `path`, the one of this process, is removed when this process has ended, however that happens. */
export function removeInTheEnd(path: string): void {
  pipe()?.write(`remove ${path}\n`);
}
