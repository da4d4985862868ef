import { open, writeFile } from 'node:fs/promises';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import {
  MAX_DOCUMENT_BYTES,
  MAX_PCRS,
  type ParsedDocument,
  parseDocument,
} from '../../impls/enclave/attestation/document.ts';
import { AWS_ROOT_G1, checkPolicy, type Policy } from '../../impls/enclave/attestation/policy.ts';
import { Refusal } from '../../impls/enclave/attestation/refusal.ts';
import { describeDocument, documentFields, printable } from '../../impls/enclave/attestation/show.ts';
import { SignatureCache, type Verdict, verifyDocument } from '../../impls/enclave/attestation/verify.ts';
import { knownEmulatorRoots, rememberEmulatorRoot } from '../../impls/enclave/nsm/emulator-roots.ts';
import { measureCommand } from './attest-measure.ts';
import { vmCommand } from './attest-vm.ts';

/** Exit codes of `bench attest`: 1 when any document is refused. */
const REFUSED = 1;
const USAGE = 2;
/** PCRs whose options the help lists; those of the others are mentioned. */
const LISTED_PCRS = 3;

/** Wrong arguments or an unreadable file: one line on the error stream, exit code 2. */
class UsageError extends Error {}

/** `bench attest …`, for yargs. The handlers set `process.exitCode`. */
export const attestCommand: CommandModule = {
  command: 'attest',
  describe: 'Verify and show attestation documents of Nitro enclaves',
  builder: (yargs) =>
    yargs
      .command(verifyCommand)
      .command(showCommand)
      .command(emulateCommand)
      .command(measureCommand)
      .command(vmCommand)
      .demandCommand(1, 'Say what to do: verify, show, emulate, measure or vm.'),
  handler: () => {},
};

const verifyCommand: CommandModule = {
  command: 'verify <file..>',
  describe:
    'Verify attestation documents: exit code 0 if all are accepted, 1 if any is refused, 2 for wrong usage',
  builder: (yargs) => {
    const options: Argv = yargs
      .positional('file', { type: 'string', array: true, describe: 'Document: COSE_Sign1, binary' })
      .option('at', {
        type: 'string',
        requiresArg: true,
        describe:
          "Time to verify for: ISO 8601 with zone, ms since 1970, or 'document' (its own time). Default: now",
      })
      .option('nonce', { type: 'string', requiresArg: true, describe: 'Nonce that it must carry, hex' })
      .option('root', {
        type: 'string',
        requiresArg: true,
        default: 'aws',
        describe: "Root to pin: SHA-256 fingerprint, 'aws', or 'emulator' (those made on this machine)",
      })
      .option('allow-debug', { type: 'boolean', default: false, describe: 'Accept enclaves in debug mode' })
      .option('max-age', { type: 'string', requiresArg: true, describe: 'Greatest age, in seconds' })
      .option('json', { type: 'boolean', default: false, describe: 'One line of JSON per file' })
      .example('$0 attest verify doc.bin', "Is it AWS's, and current?")
      .example('$0 attest verify doc.bin --at document', 'Was it when it was made?')
      .example(
        '$0 attest verify doc.bin --nonce 8f1c… --pcr0 b061… --max-age 60',
        'Is it the one I asked for?',
      );
    return Array.from({ length: MAX_PCRS }, (_, i) => i).reduce(
      (argv, i) =>
        argv.option(`pcr${i}`, {
          type: 'string',
          requiresArg: true,
          hidden: i >= LISTED_PCRS,
          describe: `Value that PCR ${i} must have, hex${i === LISTED_PCRS - 1 ? ' (likewise to --pcr31)' : ''}`,
        }),
      options,
    );
  },
  handler: (args) => run(() => verifyFiles(args)),
};

const showCommand: CommandModule = {
  command: 'show <file>',
  describe: 'Print a document for a person, without verifying it',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'Document: COSE_Sign1, binary' })
      .example('$0 attest show doc.bin', 'Its time, PCRs, certificates and optional fields'),
  handler: (args) => run(() => showFile(String(args.file))),
};

const emulateCommand: CommandModule = {
  command: 'emulate <file>',
  describe:
    'Write a document signed by a new emulated security module, whose root "--root emulator" then knows',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'File to write' })
      .option('nonce', { type: 'string', requiresArg: true, describe: 'Nonce to carry, hex' })
      .option('debug', { type: 'boolean', default: false, describe: 'As in debug mode: PCRs 0, 1, 2 zero' })
      .example(
        '$0 attest emulate doc.bin --nonce 8f1c',
        'Then: attest verify doc.bin --root emulator --nonce 8f1c',
      ),
  handler: (args) => run(() => emulateFile(args)),
};

async function run(action: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await action();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = USAGE;
  }
}

async function verifyFiles(args: ArgumentsCamelCase): Promise<number> {
  const files = args.file as string[];
  // A program that ignores yargs's complaint about missing files must not see 0.
  if (files.length === 0) throw new UsageError('Name at least one file to verify.');
  const policy = await policyOf(args);
  const cache = new SignatureCache();
  let code = 0;
  for (const file of files) {
    let bytes: Uint8Array;
    try {
      bytes = await readDocument(file);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // The other files are still verified; what could not be read outweighs what was refused.
      process.stderr.write(`${error.message}\n`);
      code = USAGE;
      continue;
    }
    const verdict = verifyDocument(bytes, policy, cache);
    process.stdout.write(args.json ? `${jsonLine(file, verdict)}\n` : textLine(file, verdict));
    if (verdict.verdict === 'refuse') code = Math.max(code, REFUSED);
  }
  return code;
}

function jsonLine(file: string, verdict: Verdict): string {
  const refused = verdict.verdict === 'refuse';
  return JSON.stringify({
    file,
    verdict: verdict.verdict,
    reason: refused ? verdict.reason : null,
    detail: refused ? verdict.detail : null,
    ...documentFields(refused ? verdict.unverified : verdict.document),
  });
}

function textLine(file: string, verdict: Verdict): string {
  if (verdict.verdict === 'refuse')
    return `${file}: refused (${verdict.reason}). ${printable(verdict.detail)}\n`;
  const { moduleId, timestamp } = verdict.document;
  return `${file}: accepted. Module ${printable(moduleId)}, made at ${new Date(timestamp).toISOString()}.\n`;
}

async function showFile(file: string): Promise<number> {
  let parsed: ParsedDocument;
  try {
    parsed = parseDocument(await readDocument(file));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(
      `${file} is no attestation document (${error.reason}): ${printable(error.message)}\n`,
    );
    return REFUSED;
  }
  process.stdout.write(describeDocument(parsed));
  return 0;
}

async function emulateFile(args: ArgumentsCamelCase): Promise<number> {
  const nonce = hexOption(args, 'nonce');
  // Loaded here: the X.509 library takes a while, and verifying does without it.
  const { createEmulatorPki } = await import('../../impls/enclave/nsm/pki.ts');
  const { bootPcr, EmulatedNsm } = await import('../../impls/enclave/nsm/emulated.ts');
  const { securityModule } = await import('../../impls/enclave/nsm/module.ts');
  const pki = await createEmulatorPki();
  const pcrs = Object.fromEntries(
    ['image', 'kernel and boot', 'application'].map((what, index) => [
      index,
      bootPcr(Buffer.from(`emulated ${what}`)),
    ]),
  );
  const module = securityModule(new EmulatedNsm({ pki, pcrs, debug: args.debug === true }));
  const document = await module.attest(nonce ? { nonce } : {});
  const file = String(args.file);
  try {
    await writeFile(file, document);
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${(error as Error).message}`);
  }
  rememberEmulatorRoot(pki.fingerprint);
  process.stdout.write(
    `${file}: ${document.length} bytes, signed under the emulator root ${pki.fingerprint}.\n`,
  );
  return 0;
}

/** At most one byte more than a document may have: enough for the verifier to refuse a larger file. */
async function readDocument(file: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file);
    const buffer = new Uint8Array(MAX_DOCUMENT_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${(error as Error).message}`);
  }
}

/** @throws {UsageError} naming the option that is wrong */
async function policyOf(args: ArgumentsCamelCase): Promise<Policy> {
  const nonce = hexOption(args, 'nonce');
  const pcrs: Record<number, Uint8Array> = {};
  for (let i = 0; i < MAX_PCRS; i++) {
    const value = hexOption(args, `pcr${i}`);
    if (value) pcrs[i] = value;
  }
  const at = timeOption(args);
  const maxAge = textOption(args, 'max-age');
  if (maxAge !== undefined && !/^\d+(\.\d+)?$/.test(maxAge)) {
    throw new UsageError(`--max-age expects a number of seconds, not ${JSON.stringify(maxAge)}.`);
  }
  const policy: Policy = {
    roots: await rootsOption(args),
    allowDebug: args.allowDebug === true,
    ...(at === undefined ? {} : { at }),
    ...(nonce ? { nonce } : {}),
    ...(Object.keys(pcrs).length > 0 ? { pcrs } : {}),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Number(maxAge) }),
  };
  try {
    checkPolicy(policy);
  } catch (error) {
    throw new UsageError((error as Error).message.replace(/"policy\.pcrs\[(\d+)\]"/, '--pcr$1'));
  }
  return policy;
}

async function rootsOption(args: ArgumentsCamelCase): Promise<string[]> {
  const root = textOption(args, 'root') ?? 'aws';
  if (root === 'aws') return [AWS_ROOT_G1];
  if (root !== 'emulator') {
    if (!/^[0-9a-f]{64}$/i.test(root.replaceAll(':', ''))) {
      throw new UsageError(
        `--root expects a SHA-256 in hex, 'aws' or 'emulator', not ${JSON.stringify(root)}.`,
      );
    }
    return [root];
  }
  const known = knownEmulatorRoots();
  if (known.length === 0) {
    throw new UsageError(
      '--root emulator: no emulated security module has run on this machine. Run one, or give its fingerprint.',
    );
  }
  return known;
}

function timeOption(args: ArgumentsCamelCase): number | 'document' | undefined {
  const text = textOption(args, 'at');
  if (text === undefined || text === 'document') return text;
  // Date.parse takes a time without zone as local time, and much else for a time.
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = iso ? Date.parse(text) : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(new Date(time).getTime())) {
    throw new UsageError(
      `--at expects a time such as 2026-02-06T08:24:18Z, ms since 1970, or 'document', not ${JSON.stringify(text)}.`,
    );
  }
  return time;
}

function hexOption(args: ArgumentsCamelCase, name: string): Uint8Array | undefined {
  const text = textOption(args, name);
  if (text === undefined) return undefined;
  if (!/^([0-9a-f]{2})+$/i.test(text)) {
    throw new UsageError(`--${name} expects bytes in hex, at least one, not ${JSON.stringify(text)}.`);
  }
  return Buffer.from(text, 'hex');
}

function textOption(args: ArgumentsCamelCase, name: string): string | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new UsageError(`--${name} is given more than once.`);
  return value;
}
