/**
 * Preloaded into a server that runs outside (`bench attest trace`): notes which files it reads, and writes the
 * list when it is told to end. Modules of both kinds by the loader's hooks, everything else by `fs`.
 */
import fs from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

const target = process.env.RECORD_FILES_INTO;
delete process.env.RECORD_FILES_INTO;
const seen = new Set();
const { writeFileSync } = fs;

function note(path) {
  try {
    if (path instanceof URL || String(path).startsWith('file:')) seen.add(fileURLToPath(path));
    else if (typeof path === 'string' || Buffer.isBuffer(path)) seen.add(fs.realpathSync(String(path)));
  } catch {
    // Not there: then the server got none either.
  }
}

registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) note(url);
    return next(url, context);
  },
});

for (const [holder, names] of [
  [fs, ['readFileSync', 'readFile', 'openSync', 'open', 'createReadStream', 'copyFile', 'copyFileSync']],
  [fs.promises, ['readFile', 'open', 'copyFile']],
]) {
  for (const name of names) {
    const original = holder[name];
    holder[name] = function (path, ...rest) {
      note(path);
      return original.call(this, path, ...rest);
    };
  }
}
syncBuiltinESMExports();

const end = () => {
  writeFileSync(target, JSON.stringify([...seen]));
  process.exit(0);
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
