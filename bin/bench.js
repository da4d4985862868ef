#!/usr/bin/env node
/**
 * The command `bench`: plain JavaScript that any Node from 20 on can read. It goes on under the pinned Node that is
 * installed as an optional dependency, since figures of two Node versions are not comparable; without it, under the
 * Node it was started with, when that one is new enough.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The oldest line of Node that the benchmark is tested with. */
const OLDEST_MAJOR = 26;
const USAGE = 2;

/** Where the pinned Node is: its package is named after system and processor. Undefined where it is not installed. */
function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    try {
      const description = createRequire(import.meta.url).resolve(`${name}/package.json`);
      const { version, bin } = JSON.parse(readFileSync(description, 'utf8'));
      const path = join(dirname(description), typeof bin === 'string' ? bin : bin.node);
      if (existsSync(path)) return { version: `v${version}`, path };
    } catch {
      // Not installed: the other name, or none.
    }
  }
  return undefined;
}

/** Runs this very command line under `node`, and ends as it does. */
function continueUnder(node) {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit' });
  // An interrupt at the terminal reaches the child by itself; what is sent to this process alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`bench: the pinned Node ${node} cannot be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('close', (code, signal) => {
    if (signal === null) process.exitCode = code ?? 1;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

const pinned = pinnedNode();
if (pinned && pinned.version !== process.version) {
  continueUnder(pinned.path);
} else if (Number(process.versions.node.split('.')[0]) < OLDEST_MAJOR) {
  process.stderr.write(
    `bench: Node ${OLDEST_MAJOR} or newer is needed, this is ${process.version}: install again without leaving out optional packages, which brings it, or start bench with a newer Node\n`,
  );
  process.exitCode = USAGE;
} else {
  // A clone runs its sources; the package has them compiled.
  const sources = new URL('../bench/cli.ts', import.meta.url);
  await import(existsSync(sources) ? sources.href : new URL('../dist/bench/cli.js', import.meta.url).href);
}
