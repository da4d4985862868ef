/**
 * THE EMULATED HYPERVISOR. Measures an image, starts the enclave process from those very bytes, shut in,
 * and owns the security module: the enclave can ask it, but cannot choose what it was measured as.
 *
 * What it emulates of a Nitro hypervisor: measurement at start, documents, one stream. What it does not:
 * encrypted memory, a kernel of the enclave's own, vsock. Whoever is root on this machine can look into
 * the process; that is why every record that it makes says `enclave-simulated`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createEmulatorPki, type EmulatorPki, importEmulatorPki } from '../nsm/certificates/pki.ts';
import { EmulatedNsm } from '../nsm/emulated.ts';
import { AUTHORITY_VARIABLE, rememberEmulatorRoot } from '../nsm/emulator-roots.ts';
import { imageIn } from './cage.ts';
import { CRASH_LABEL, type EnclaveUsage, MODULE_LABEL, STREAM, USAGE_LABEL } from './guest.ts';
import {
  buildImage,
  type Image,
  type ImageSource,
  type Measurement,
  manifestOf,
  measureImage,
  stageImage,
} from './image.ts';
import { hopedIsolation, type Isolation, isHopeVain, isolatedCommand } from './isolation.ts';
import { launchFolder } from './launch-folder.ts';
import { type Connection, Multiplexer } from './multiplexer.ts';
import { innermost, processUsage } from './process-usage.ts';

export interface LaunchOptions {
  /** What its image is made of; or just the path of the guest's module, relative to the repository. */
  readonly guest: ImageSource | string;
  /** As real enclaves have it: PCRs 0 to 2 are zero, and what the enclave prints is shown. Default false. */
  readonly debug?: boolean;
  /** Time of the security module, ms since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** The image to start in place of the guest's own: for tests of what a client refuses. */
  readonly image?: Image;
  /** What starts the image and measures it. Default: a process of this computer, see {@link startProcess}. */
  readonly start?: Starter;
}

/** An image that has been measured, and not yet been started. */
export interface Prepared {
  readonly measurement: Measurement;
  /** @param module answers a request to the security module, CBOR to CBOR, where the enclave has a device of its own */
  start(module: (request: Uint8Array) => Promise<Uint8Array>): Started | Promise<Started>;
}

/** An image that has been started, by whatever means. */
export interface Started {
  /** Ends with the enclave; killing it ends the enclave. */
  readonly child: ChildProcess;
  /** The one stream. */
  readonly input: Socket;
  readonly output: Socket;
  /** What is said about an end before the enclave is up; null when somebody reads it already. */
  readonly errors: Socket | null;
  readonly isolation: Isolation;
  /** How long it may take to come up, and to answer, in ms. */
  readonly limits: { readonly launchMs: number; readonly answerMs: number };
  /** Removes what was laid down for it. */
  clean(): void;
}

export type Starter = (image: Image, isDebug: boolean) => Prepared | Promise<Prepared>;

/** An enclave that is up. */
export interface RunningEnclave {
  readonly measurement: Measurement;
  /** SHA-256 fingerprint of the emulator's root certificate. */
  readonly root: string;
  readonly isolation: Isolation;
  /** Opens a connection to the guest. @throws Error when the enclave has ended. */
  connect(label: string): Connection;
  /** What its process has used since it started: on Linux without a word from inside. */
  usage(): Promise<EnclaveUsage>;
  /** Resolves to the reason once it has ended. */
  readonly ended: Promise<Error>;
  /** Whether it is up. */
  readonly isUp: boolean;
  /** Ends it at once. */
  close(): void;
}

let pki: Promise<EmulatorPki> | undefined;

/**
 * The emulator's PKI: one per process, under the root that the environment gives or else one of its own. The
 * root's fingerprint is laid down where this machine's clients look.
 */
async function emulatorPki(): Promise<EmulatorPki> {
  const given = process.env[AUTHORITY_VARIABLE];
  pki ??= (given ? importEmulatorPki(given) : createEmulatorPki()).then((made) => {
    rememberEmulatorRoot(made.fingerprint);
    return made;
  });
  return pki;
}

/**
 * Starts an enclave.
 * @throws Error when the image cannot be built or the enclave ends before it is up.
 */
export async function launchEnclave(options: LaunchOptions): Promise<RunningEnclave> {
  try {
    return await launch(options);
  } catch (error) {
    // What it was started in may not be to be had here: then it is started in what is.
    if (options.start || !isHopeVain()) throw error;
    return launch(options);
  }
}

async function launch(options: LaunchOptions): Promise<RunningEnclave> {
  const image = options.image ?? buildImage(options.guest);
  const authority = await emulatorPki();
  const prepared = await (options.start ?? startProcess)(image, options.debug ?? false);
  const { measurement } = prepared;
  const nsm = new EmulatedNsm({
    pki: authority,
    pcrs: measurement.pcrs,
    debug: options.debug ?? false,
    clock: options.clock ?? Date.now,
  });
  const started = await prepared.start((request) => nsm.request(request));
  const { child, input, output, limits } = started;

  const { promise: up, resolve: isUp, reject: isDown } = Promise.withResolvers<void>();
  const early = errorsUntil(started.errors, up);
  let crash: string | undefined;
  const multiplexer = new Multiplexer({ input, output }, 'outside', (connection) => {
    if (connection.label === CRASH_LABEL) {
      connection.receive().then(
        (text) => {
          crash = Buffer.from(text).toString();
        },
        () => {},
      );
      return;
    }
    if (connection.label !== MODULE_LABEL) {
      connection.reset(`an enclave has nobody to reach out here: ${connection.label}`);
      return;
    }
    isUp();
    void serveModule(connection, nsm);
  });
  input.on('data', (bytes: Uint8Array) => multiplexer.push(bytes));
  // A machine's stream was accepted before anybody could listen, and waits.
  input.resume();
  // The process ends with its stream, and then says why; one that doesn't is ended.
  multiplexer.onLost = () => {
    setTimeout(() => child.kill('SIGKILL'), LAST_WORDS_MS).unref();
  };

  const kill = () => {
    child.kill('SIGKILL');
    started.clean();
  };
  process.once('exit', kill);
  let isRunning = true;
  const { promise: ended, resolve: isOver } = Promise.withResolvers<Error>();
  const end = (reason: Error) => {
    isRunning = false;
    isOver(reason);
    isDown(reason);
    multiplexer.close(reason);
    process.off('exit', kill);
    kill();
  };
  child.on('error', (cause) =>
    end(new Error(`the enclave could not be started: ${cause.message}`, { cause })),
  );
  // 'close' comes after the stream's last bytes, among them why it ends.
  child.on('close', (code, signal) => {
    const reason = crash ?? early() ?? 'it said nothing; launch it in debug mode to see why';
    end(new Error(`the enclave has ended (${signal ?? `exit code ${code}`}): ${reason}`));
  });

  const failing = (what: string) => end(new Error(`the enclave ${what}; it was ended`));
  await within(up, limits.launchMs, () => failing(`was not up after ${limits.launchMs / 1000} s`));
  keepAlive(started, multiplexer);
  const pid = process.platform === 'linux' && child.pid !== undefined ? innermost(child.pid) : undefined;
  return {
    measurement,
    root: authority.fingerprint,
    isolation: started.isolation,
    ended,
    connect: (label) => multiplexer.open(label),
    async usage() {
      const seen = pid === undefined ? undefined : processUsage(pid);
      if (seen) return seen;
      const connection = multiplexer.open(USAGE_LABEL);
      const late = () => connection.reset(`the enclave gave no sign of life for ${limits.answerMs / 1000} s`);
      const answer = await within(connection.receive(), limits.answerMs, late);
      connection.end();
      await connection.next();
      return JSON.parse(Buffer.from(answer).toString()) as EnclaveUsage;
    },
    get isUp() {
      return isRunning;
    },
    close: () => end(new Error('the enclave was closed')),
  };
}

/** Starts an image as a process of this computer, shut in as well as that can be. */
export function startProcess(image: Image, isDebug: boolean): Prepared {
  return { measurement: measureImage(image), start: () => spawnProcess(image, isDebug) };
}

function spawnProcess(image: Image, isDebug: boolean): Started {
  const folder = launchFolder();
  const staged = imageIn(folder);
  stageImage(image, staged);
  const within = hopedIsolation();
  const { entry, flags } = manifestOf(image);
  const { command, args } = isolatedCommand(staged, entry, flags, within);
  const child = spawn(command, args, {
    cwd: staged,
    // Nothing of the host's environment: NODE_OPTIONS would be code that nobody measured.
    env: process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {},
    stdio: ['ignore', isDebug ? 'inherit' : 'ignore', isDebug ? 'inherit' : 'pipe', 'pipe', 'pipe'],
  });
  return {
    child,
    output: child.stdio[STREAM.input] as Socket,
    input: child.stdio[STREAM.output] as Socket,
    errors: child.stderr as Socket | null,
    isolation: within,
    limits: { launchMs: LAUNCH_MS, answerMs: ANSWER_MS },
    clean: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How long an enclave may take to come up before it is ended, and to say what it has used. */
const LAUNCH_MS = 30_000;
const ANSWER_MS = 10_000;
const LAST_WORDS_MS = 500;

const MAX_EARLY_BYTES = 16_384;

/**
 * What the process prints as an error before it is `up`, when no client can have sent it anything: Node's own
 * words on a module that is missing. Whatever comes later is thrown away unread.
 * @returns asks for the line that says most, if there is one.
 */
function errorsUntil(stream: Socket | null, up: Promise<void>): () => string | undefined {
  let text = '';
  const take = (bytes: Uint8Array) => {
    if (text.length < MAX_EARLY_BYTES) text += Buffer.from(bytes).toString();
  };
  stream?.on('data', take);
  up.then(
    () => {
      stream?.off('data', take);
      stream?.resume();
      text = '';
    },
    () => {},
  );
  return () => /^\w*Error.*$/m.exec(text)?.[0] ?? /\S.*/.exec(text)?.[0];
}

/** `promise`; calls `onLate`, which makes it reject, when it takes longer than `ms`. */
async function within<T>(promise: Promise<T>, ms: number, onLate: () => void): Promise<T> {
  const timer = setTimeout(onLate, ms);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Answers the enclave's requests to its security module. */
async function serveModule(connection: Connection, nsm: EmulatedNsm): Promise<void> {
  try {
    for (let request = await connection.next(); request; request = await connection.next()) {
      await connection.send(await nsm.request(request));
    }
  } catch {
    // The stream is gone, and the enclave with it.
  }
}

/** An idle enclave does not keep this process from ending; one with a connection does. */
function keepAlive({ child, input, output }: Started, multiplexer: Multiplexer): void {
  const pipes = child.stdio.filter((pipe) => pipe !== null && pipe !== undefined) as Socket[];
  const handles = [child, ...pipes, input, output];
  multiplexer.onBusy = (isBusy) => {
    for (const handle of handles) isBusy ? handle.ref() : handle.unref();
  };
  multiplexer.onBusy(false);
}
