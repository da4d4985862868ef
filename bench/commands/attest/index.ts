/** `bench attest`: verify, show and emulate documents; the other verbs have files of their own. */
import { open, writeFile } from 'node:fs/promises';
import { type ParsedDocument, parseDocument } from '../../../impls/enclave/attestation/document.ts';
import type { Policy } from '../../../impls/enclave/attestation/policy.ts';
import { Refusal } from '../../../impls/enclave/attestation/refusal.ts';
import { describeDocument, documentFields, printable } from '../../../impls/enclave/attestation/show.ts';
import {
  SignatureCache,
  type Verification,
  verifyDocument,
} from '../../../impls/enclave/attestation/verify.ts';
import { MAX_WRAPPED_BYTES, recogniseWrapping } from '../../../impls/enclave/attestation/wrapping.ts';
import { rememberEmulatorRoot } from '../../../impls/enclave/nsm/emulator-roots.ts';
import { ExitCode, messageOf, UsageError } from '../../errors.ts';
import { defineCommand, defineGroup } from '../../flags/command.ts';
import type { ArgumentsOf } from '../../flags/index.ts';
import { measureCommand } from './measure.ts';
import { checked, fromHex, type PcrValues, pcrsOf, rootsOf, secondsOf, timeOf } from './policy.ts';
import { proxyCommand } from './proxy.ts';
import { serveCommand } from './serve.ts';
import { traceCommand } from './trace.ts';
import { vmCommand } from './vm.ts';

const verifyCommand = defineCommand({
  name: 'attest verify',
  describe: 'verify attestation documents',
  positionals: { file: { many: true, help: 'document: COSE_Sign1, binary' } },
  examples: [
    ['$0 attest verify doc.bin', "is it AWS's, and current?"],
    ['$0 attest verify doc.bin --at document', 'was it when it was made?'],
    ['$0 attest verify doc.bin --nonce 8f1c… --pcr0 b061… --max-age 60', 'is it the one I asked for?'],
  ],
  run: verifyFiles,
});

const showCommand = defineCommand({
  name: 'attest show',
  describe: 'print a document for a person, without verifying it',
  positionals: { file: { help: 'document: COSE_Sign1, binary' } },
  examples: [['$0 attest show doc.bin', 'its time, PCRs, certificates and optional fields']],
  run: ({ file, decode }) => showFile(file, decode),
});

const emulateCommand = defineCommand({
  name: 'attest emulate',
  describe:
    'write a document signed by a new emulated security module, whose root "--root emulator" then knows',
  positionals: { file: { help: 'file to write' } },
  examples: [
    ['$0 attest emulate doc.bin --nonce 8f1c', 'then: attest verify doc.bin --root emulator --nonce 8f1c'],
  ],
  run: emulateFile,
});

export const attestCommand = defineGroup(
  'attest',
  'verify attestation documents of Nitro enclaves; serve and reach a server in one',
  [
    verifyCommand,
    showCommand,
    emulateCommand,
    measureCommand,
    vmCommand,
    serveCommand,
    proxyCommand,
    traceCommand,
  ],
);

type VerifyArguments = ArgumentsOf<'attest verify'> & PcrValues & { readonly file: readonly string[] };

async function verifyFiles(args: VerifyArguments): Promise<number> {
  const policy = await policyOf(args);
  const cache = new SignatureCache();
  let code: number = ExitCode.fine;
  for (const file of args.file) {
    let bytes: Uint8Array;
    try {
      bytes = unwrapped(await readDocument(file), args.decode);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // The other files are still verified; what could not be read outweighs what was refused.
      process.stderr.write(`bench: ${error.message}\n`);
      code = ExitCode.usage;
      continue;
    }
    const verdict = verifyDocument(bytes, policy, cache);
    process.stdout.write(args.json ? `${jsonLine(file, verdict)}\n` : textLine(file, verdict));
    if (verdict.verdict === 'refuse') code = Math.max(code, ExitCode.difference);
  }
  return code;
}

function jsonLine(file: string, verdict: Verification): string {
  const refused = verdict.verdict === 'refuse';
  return JSON.stringify({
    file,
    verdict: verdict.verdict,
    reason: refused ? verdict.reason : null,
    detail: refused ? verdict.detail : null,
    ...documentFields(refused ? verdict.unverified : verdict.document),
  });
}

function textLine(file: string, verdict: Verification): string {
  if (verdict.verdict === 'refuse')
    return `${file}: refused (${verdict.reason}). ${printable(verdict.detail)}${verdict.reason === 'not-binary' ? ' (or give --decode)' : ''}\n`;
  const { moduleId, timestamp } = verdict.document;
  return `${file}: accepted. Module ${printable(moduleId)}, made at ${new Date(timestamp).toISOString()}.\n`;
}

async function showFile(file: string, decode: boolean): Promise<number> {
  let parsed: ParsedDocument;
  try {
    parsed = parseDocument(bytesOf(unwrapped(await readDocument(file), decode)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(
      `bench: ${file} is not an attestation document (${error.reason}): ${printable(error.message)}\n`,
    );
    return ExitCode.difference;
  }
  process.stdout.write(describeDocument(parsed));
  return ExitCode.fine;
}

async function emulateFile({
  file,
  nonce: nonceHex,
  debug,
}: ArgumentsOf<'attest emulate'> & { readonly file: string }): Promise<number> {
  const nonce = fromHex(nonceHex, 'nonce');
  // Loaded here: the X.509 library takes a while, and verifying does without it.
  const { createEmulatorPki } = await import('../../../impls/enclave/nsm/certificates/pki.ts');
  const { EmulatedNsm } = await import('../../../impls/enclave/nsm/emulated.ts');
  const { bootPcr } = await import('../../../impls/enclave/nsm/pcr.ts');
  const { securityModule } = await import('../../../impls/enclave/nsm/module.ts');
  const pki = await createEmulatorPki();
  const pcrs = Object.fromEntries(
    ['image', 'kernel and boot', 'application'].map((what, index) => [
      index,
      bootPcr(Buffer.from(`emulated ${what}`)),
    ]),
  );
  const module = securityModule(new EmulatedNsm({ pki, pcrs, debug }));
  const document = await module.attest(nonce ? { nonce } : {});
  try {
    await writeFile(file, document);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${messageOf(error)}`);
  }
  rememberEmulatorRoot(pki.fingerprint);
  process.stdout.write(
    `${file}: ${document.length} bytes, signed under the emulator root ${pki.fingerprint}.\n`,
  );
  return ExitCode.fine;
}

/** With `--decode`, the document out of the text or the answer around it. */
function unwrapped(bytes: Uint8Array, decode: boolean): Uint8Array {
  return (decode ? recogniseWrapping(bytes)?.document : null) ?? bytes;
}

/** @throws Refusal when the bytes are not the document's own */
function bytesOf(bytes: Uint8Array): Uint8Array {
  const wrapping = recogniseWrapping(bytes);
  if (!wrapping) return bytes;
  const remedy = wrapping.document ? 'give --decode' : 'decode it first';
  throw new Refusal('not-binary', `This is ${wrapping.kind}, not the document's bytes: ${remedy}.`);
}

/** At most one byte more than text around a document may have: enough for the verifier to refuse a larger file. */
async function readDocument(file: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file);
    const buffer = new Uint8Array(MAX_WRAPPED_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${messageOf(error)}`);
  }
}

/** @throws {UsageError} naming the option that is wrong */
async function policyOf(args: VerifyArguments): Promise<Policy> {
  const nonce = fromHex(args.nonce, 'nonce');
  const pcrs = pcrsOf(args);
  const at = timeOf(args.at);
  const publicKey = fromHex(args.publicKey, 'public-key');
  const userData = fromHex(args.userData, 'user-data');
  const maxAge = secondsOf(args.maxAge, 'max-age');
  const policy: Policy = {
    roots: rootsOf(args.root),
    allowDebug: args.allowDebug,
    ...(at === undefined ? {} : { at }),
    ...(nonce ? { nonce } : {}),
    ...(pcrs ? { pcrs } : {}),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
    ...(publicKey ? { publicKey } : {}),
    ...(userData ? { userData } : {}),
  };
  return checked(policy);
}
