/** What this machine offers to shut an enclave process in, and how to start one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caged, imageIn, insideCage } from './cage.ts';

/** What holds an emulated enclave in. Part of every record. */
export interface Isolation {
  /** Linux user, network, PID, IPC and host-name namespaces of its own: no network interface, no other process. */
  readonly namespaces: boolean;
  /** A mount namespace with nothing in it but the image and the runtime: see `cage.ts`. */
  readonly mounts: boolean;
  /** Node's permission model: no file but the image's, no network, no child process, no thread, no add-on. */
  readonly permissions: boolean;
  /** For people and records. */
  readonly description: string;
}

/** The kernel ends it when this process ends, however that happens. */
const UNTIL_DEATH = ['setpriv', '--pdeathsig', 'KILL'] as const;
const NAMESPACES = [
  '--user',
  '--map-root-user',
  '--net',
  '--pid',
  '--ipc',
  '--uts',
  '--fork',
  '--kill-child',
];

/**
 * Doors that the permission model leaves open in this version of Node: SQLite opens any file, and a signal
 * starts the inspector.
 */
const CLOSED = ['--no-experimental-sqlite', '--disable-sigusr1'].filter((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag.replace('--no-', '--')),
);

let known: Isolation | undefined;

/** Finds out by trying, once per process. */
export function isolation(): Isolation {
  known ??= probe();
  return known;
}

/** Everything there is: what {@link isolation} finds on a Linux that forbids nothing. */
const WHOLE = isolationOf(true, true);

/**
 * What to start an enclave in: all that there is, as long as nobody has tried. A start that fails for want of
 * something ends before the enclave is up, so trying beforehand would only cost time: see {@link isHopeVain}.
 */
export function hopedIsolation(): Isolation {
  return known ?? (process.platform === 'linux' && WHOLE.permissions ? WHOLE : isolation());
}

/** After a start that failed: whether it was made in hope, and something is missing here. */
export function isHopeVain(): boolean {
  if (known) return false;
  return isolation().description !== WHOLE.description || mayOutlive();
}

function probe(): Isolation {
  const isLinux = process.platform === 'linux';
  const mounts = isLinux && cageWorks();
  return isolationOf(mounts || (isLinux && succeeds('unshare', [...NAMESPACES, 'true'])), mounts);
}

function isolationOf(namespaces: boolean, mounts: boolean): Isolation {
  // Before there was a flag that allows the network, the permission model didn't forbid it.
  const permissions = ['--permission', '--allow-net'].every((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag),
  );
  return { namespaces, mounts, permissions, description: describe(namespaces, mounts, permissions) };
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** Whether this machine lets us make a file system of our own, tried with an empty image. */
function cageWorks(): boolean {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'psi-cage-'));
  try {
    const args = [...NAMESPACES, '--mount', ...caged(imageIn(folder), ['--version'])];
    return succeeds('unshare', args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function describe(namespaces: boolean, mounts: boolean, permissions: boolean): string {
  const linux = mounts ? 'Linux namespaces with a file system of their own' : 'Linux namespaces';
  if (namespaces && permissions) return `${linux} and Node's permission model`;
  if (permissions) return "Node's permission model only (no Linux namespaces here)";
  if (namespaces) return `${linux} only (this Node has no permission model for the network)`;
  return 'none: neither Linux namespaces nor a permission model for the network';
}

/**
 * The command line that runs `entry`, a path in `image`, shut in by `within`; `flags` are Node's.
 * @param image a folder that {@link imageIn} made
 */
export function isolatedCommand(
  image: string,
  entry: string,
  flags: readonly string[],
  within: Isolation,
): { command: string; args: string[] } {
  const { namespaces, mounts, permissions } = within;
  const place = (path: string) => (mounts ? insideCage(path) : join(image, path));
  const node = [
    ...(permissions ? ['--permission', `--allow-fs-read=${place('*')}`] : []),
    ...CLOSED,
    ...inherited(),
    ...flags,
    place(entry),
  ];
  if (!namespaces) return { command: process.execPath, args: node };
  const [command, ...before] = known && mayOutlive() ? ['unshare'] : [...UNTIL_DEATH, 'unshare'];
  const inside = mounts ? ['--mount', ...caged(image, node)] : [process.execPath, ...node];
  return { command: command ?? 'unshare', args: [...before, ...NAMESPACES, ...inside] };
}

let outlives: boolean | undefined;

/** Of this process's own options, which an enclave's environment lacks: what little address space demands. */
function inherited(): string[] {
  return (process.env.NODE_OPTIONS ?? '')
    .split(/\s+/)
    .filter((flag) => flag === '--disable-wasm-trap-handler');
}

/** Without `setpriv` an enclave ends when it sees that its stream has: not while it computes without a pause. */
function mayOutlive(): boolean {
  outlives ??= !succeeds(UNTIL_DEATH[0], [...UNTIL_DEATH.slice(1), 'true']);
  return outlives;
}
