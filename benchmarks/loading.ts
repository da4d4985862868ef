/**
 * What it takes to load each implementation in a fresh process, from sources and from compiled code (which is what
 * parties do): wall and CPU time, medians of processes in turn.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtIn } from '../bench/implementations/find.ts';
import { compiledCode, PARTY_ARGUMENTS } from '../bench/party/compiled-code.ts';
import { rolesOf } from '../bench/terms.ts';
import { median, show } from './ratio.ts';

const PROCESSES = 9;
const FIND = fileURLToPath(new URL('../bench/implementations/find.ts', import.meta.url));

/** Prints the times of every implementation and role. */
export async function run(print: (line: string) => void): Promise<void> {
  print(`loading in a fresh process, ms, medians of ${PROCESSES} (95 % interval): wall time, CPU time`);
  for (const { implementation, module } of await builtIn()) {
    const code = compiledCode(module);
    if (!code) throw new Error('there is no compiled code while the coverage of code is measured');
    await code.ready;
    for (const role of rolesOf(implementation)) {
      const ways = { sources: [] as Loading[], compiled: [] as Loading[] };
      for (let i = 0; i < PROCESSES; i++) {
        ways.sources.push(load(module, implementation.id, role, {}));
        ways.compiled.push(load(module, implementation.id, role, code.environment));
      }
      for (const [way, loadings] of Object.entries(ways)) {
        const of = (key: keyof Loading) => show(median(loadings.map((one) => one[key])), 1);
        print(`  ${`${implementation.id} ${role}, ${way}`.padEnd(42)} ${of('wallMs')}   ${of('cpuMs')}`);
      }
    }
  }
}

interface Loading {
  readonly wallMs: number;
  readonly cpuMs: number;
}

function load(module: string, id: string, role: string, environment: NodeJS.ProcessEnv): Loading {
  const script = `
    const { loadImplementation } = await import(${JSON.stringify(FIND)});
    const [from, before] = [performance.now(), process.cpuUsage()];
    await loadImplementation(${[module, id, role].map((word) => JSON.stringify(word)).join(', ')});
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ wallMs: performance.now() - from, cpuMs: (user + system) / 1000 }));
    process.exit(0);`;
  const args = [...PARTY_ARGUMENTS, '--input-type=module', '-e', script];
  return JSON.parse(
    execFileSync(process.execPath, args, { env: { ...process.env, ...environment }, encoding: 'utf8' }),
  ) as Loading;
}

if (import.meta.main) await run(console.log);
