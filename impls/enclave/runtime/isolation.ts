/** What this machine offers to shut an enclave process in, and how to start one. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What holds an emulated enclave in. Part of every record. */
export interface Isolation {
  /** Linux user, network, PID, IPC and host-name namespaces of its own: no network interface, no other process. */
  readonly namespaces: boolean;
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

let known: Isolation | undefined;

/** Finds out by trying, once per process. */
export function isolation(): Isolation {
  known ??= probe();
  return known;
}

function probe(): Isolation {
  const namespaces =
    process.platform === 'linux' &&
    spawnSync('unshare', [...NAMESPACES, 'true'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
  // Before there was a flag that allows the network, the permission model didn't forbid it.
  const permissions = ['--permission', '--allow-net'].every((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag),
  );
  return { namespaces, permissions, description: describe(namespaces, permissions) };
}

function describe(namespaces: boolean, permissions: boolean): string {
  if (namespaces && permissions) return "Linux namespaces and Node's permission model";
  if (permissions) return "Node's permission model only (no Linux namespaces here)";
  if (namespaces) return 'Linux namespaces only (this Node has no permission model for the network)';
  return 'none: neither Linux namespaces nor a permission model for the network';
}

/** The command line that runs `entry`, a file in `folder`, shut in as well as the machine can; `flags` are Node's. */
export function isolatedCommand(
  folder: string,
  entry: string,
  flags: readonly string[],
): { command: string; args: string[] } {
  const { namespaces, permissions } = isolation();
  const node = [
    ...(permissions ? ['--permission', `--allow-fs-read=${join(folder, '*')}`] : []),
    ...flags,
    entry,
  ];
  if (!namespaces) return { command: process.execPath, args: node };
  mayOutlive ??=
    spawnSync(UNTIL_DEATH[0], [...UNTIL_DEATH.slice(1), 'true'], { stdio: 'ignore' }).status !== 0;
  const [command, ...before] = mayOutlive ? ['unshare'] : [...UNTIL_DEATH, 'unshare'];
  return { command: command ?? 'unshare', args: [...before, ...NAMESPACES, process.execPath, ...node] };
}

/** Without `setpriv` an enclave ends when it sees that its stream has: not while it computes without a pause. */
let mayOutlive: boolean | undefined;
