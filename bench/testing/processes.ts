/** Processes that a process has started, for tests that end them, or see that they have ended. */
import { execFileSync } from 'node:child_process';

/**
 * Ids of the children of `pid`, except the shell that guards parties and the process that compiles their code:
 * these end by themselves, a moment later.
 */
export function childrenOf(pid: number): number[] {
  return table().flatMap(([child, parent, command]) =>
    parent === pid && !/^sh -c\s|party\/loading\.ts/.test(command) ? [child] : [],
  );
}

/** Those of them that are parties. */
export function partiesOf(pid: number): number[] {
  return table().flatMap(([child, parent, command]) =>
    parent === pid && command.includes('party/process.ts') ? [child] : [],
  );
}

function table(): (readonly [number, number, string])[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return text.split('\n').flatMap((line) => {
    const [, child, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return child === undefined ? [] : [[Number(child), Number(parent), command] as const];
  });
}
