/**
 * The process that fills a cache of compiled code: loads what a party's process loads, for all roles of the
 * implementations in the module that its argument names, and ends. Started by `compiled-code.ts`.
 */
import { loadAll } from '../implementations/find.ts';
import './playing-party.ts';

const [module = ''] = process.argv.slice(2);
await loadAll(module);
process.exit(0);
