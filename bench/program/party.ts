/** A party that has a described program play its part, and carries the program's connections. */

import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processFolder } from '../../impls/primitives/process-folder/process-folder.ts';
import type { ItemSet, Party, ReceiverResult, Session } from '../contract.ts';
import { PeerGoneError } from '../errors.ts';
import { Bridge, LOOPBACK } from './bridge/bridge.ts';
import { Status } from './bridge/frame.ts';
import type { ProgramDescription, ProgramRole } from './description/description.ts';
import { fillPlaces } from './description/places.ts';
import { encodeItems } from './files/items-file.ts';
import { mostResultBytes, readResult } from './files/result.ts';
import { findExecutable } from './process/executable.ts';
import { type ProgramEnd, RunningProgram } from './process/running.ts';

/** After a program's end the system closes its connections at once; others that hold them are not waited for. */
const SILENCE_MS = 2000;
/** For so long a program may go on when the other one has ended. */
const AFTERMATH_MS = 10_000;
/** How long to wait for the other party's word on who failed first. */
const BLAME_MS = 300;

interface Prepared {
  readonly folder: string;
  readonly itemsPath: string;
  readonly contents: Buffer;
}

export class ProgramParty implements Party<ReceiverResult> {
  readonly #description: ProgramDescription;
  readonly #home: string;
  readonly #session: Session;
  readonly #role: ProgramRole;
  readonly #peer: ProgramRole;
  readonly #over = new AbortController();
  #prepared: Prepared | undefined;
  #bridge: Bridge | undefined;
  #program: RunningProgram | undefined;

  /** @param home the folder of the description */
  constructor(description: ProgramDescription, home: string, session: Session, role: ProgramRole) {
    this.#description = description;
    this.#home = home;
    this.#session = session;
    this.#role = role;
    this.#peer = role === 'receiver' ? 'sender' : 'receiver';
  }

  /** Writes the items' file. */
  async prepare(items: ItemSet): Promise<void> {
    const { items: form } = this.#description;
    const from = performance.now();
    const folder = processFolder('psi-program');
    this.#prepared = {
      folder,
      itemsPath: join(folder, `items${form.extension}`),
      contents: encodeItems(items, form),
    };
    mkdirSync(join(folder, 'work'));
    writeFileSync(this.#prepared.itemsPath, this.#prepared.contents);
    this.#session.step('write items', performance.now() - from);
  }

  async online(items: ItemSet): Promise<ReceiverResult> {
    const prepared = this.#prepared;
    if (prepared === undefined) throw new Error('the items were not written: prepare comes before online');
    const { result: form, items: itemsForm } = this.#description;
    const resultPath = join(prepared.folder, `result${form.extension}`);
    const longest = prepared.contents.length; // of one item, at the very most
    const most = mostResultBytes(
      items.count,
      itemsForm,
      itemsForm.map === 'digest' ? itemsForm.bytes : longest,
    );
    const end = await this.#play(prepared, resultPath, most);
    if (this.#role === 'sender') return 0;
    const from = performance.now();
    const own = { contents: prepared.contents, count: items.count, form: itemsForm };
    let result: ReceiverResult;
    try {
      result = readResult(
        form.from === 'stdout' ? wholeOutput(end) : resultFile(resultPath, most),
        form,
        own,
      );
    } catch (error) {
      throw new Error(this.#said(`ended, but ${(error as Error).message}`), { cause: error });
    }
    this.#session.step('read result', performance.now() - from);
    return result;
  }

  async close(): Promise<void> {
    this.#over.abort();
    this.#bridge?.close();
    this.#program?.kill();
    await this.#program?.ended.catch(() => {});
    if (this.#prepared) rmSync(this.#prepared.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Plays the program to its end. @throws Error when it, the other one, or the carrying fails */
  async #play(prepared: Prepared, resultPath: string, most: number): Promise<ProgramEnd> {
    const bridge = await this.#connect();
    const program = await this.#start(prepared, resultPath, most);
    const running = bridge.run();
    const ended = program.ended;
    const first = await Promise.race([ended, bridge.peerDone, bridge.failure, this.#unconnected()]);
    let end: ProgramEnd;
    if (typeof first === 'number') {
      if (first === Status.failed) throw this.#peerFailed();
      await bridge.done(Status.fine);
      end = await this.#afterwards(program);
      const fault = this.#faultOf(end);
      if (fault !== undefined) throw new Error(this.#said(fault));
    } else {
      end = first;
      const fault = this.#faultOf(end);
      await bridge.silent(SILENCE_MS);
      if (fault !== undefined) throw await this.#blame(fault);
      await bridge.done(Status.fine);
      if ((await Promise.race([bridge.peerDone, bridge.failure])) === Status.failed) throw this.#peerFailed();
    }
    await running;
    this.#session.addUsage(program.usage);
    return end;
  }

  /** Ports and places, as the description says who listens. */
  #places: Record<string, string | number> = {};

  async #connect(): Promise<Bridge> {
    const { listens, connectSeconds } = this.#description;
    const both = listens === 'both';
    const target = both || listens === this.#role ? await freePort() : null;
    const bridge = new Bridge({
      channel: this.#session.channel(this.#peer),
      peer: this.#peer,
      parity: this.#role === 'receiver' ? 0 : 1,
      target,
      patienceMs: connectSeconds * 1000,
    });
    this.#bridge = bridge;
    const port = both || listens !== this.#role ? await bridge.listen() : null;
    const named = (name: string, of: number | null) => ({
      [`${name}host`]: LOOPBACK,
      [`${name}port`]: of ?? 0,
      [`${name}address`]: `${LOOPBACK}:${of}`,
    });
    this.#places = both ? { ...named('own-', target), ...named('peer-', port) } : named('', target ?? port);
    return bridge;
  }

  async #start({ folder, itemsPath }: Prepared, resultPath: string, most: number): Promise<RunningProgram> {
    const { commands, environment, install } = this.#description;
    const { sizes, threads } = this.#session;
    const places = {
      ...this.#places,
      folder: this.#home,
      items: itemsPath,
      result: resultPath,
      role: this.#role,
      'receiver-size': sizes.receiver,
      'sender-size': sizes.sender,
      'own-size': sizes[this.#role],
      'peer-size': sizes[this.#peer],
      threads,
    };
    const [name = '', ...args] = commands[this.#role];
    const executable = await findExecutable(name, this.#home);
    if (executable === null)
      throw new Error(`the ${this.#role}'s program ${name} is not installed: ${install}`);
    const own = Object.entries(environment).map(([key, value]) => [key, fillPlaces(value, places)]);
    this.#program = await RunningProgram.start({
      executable,
      args: args.map((word) => fillPlaces(word, places)),
      environment: { ...inherited(), ...Object.fromEntries(own) },
      folder: join(folder, 'work'),
      mostOutput: most,
    });
    return this.#program;
  }

  /** Rejects when no connection has come about in time; never resolves. */
  async #unconnected(): Promise<never> {
    const { connectSeconds } = this.#description;
    try {
      await sleep(connectSeconds * 1000, undefined, { signal: this.#over.signal });
    } catch {
      return new Promise(() => {}); // it is over
    }
    if (this.#bridge?.connections === 0)
      throw new Error(this.#said(`had no connection to the other one within ${connectSeconds} s`));
    return new Promise(() => {});
  }

  /** The other program has ended: this one must, too, or is ended if it is a server. */
  async #afterwards(program: RunningProgram): Promise<ProgramEnd> {
    const { serves } = this.#description;
    if (serves.includes(this.#role)) {
      await program.stop();
      return program.ended;
    }
    const late = sleep(AFTERMATH_MS, null, { signal: this.#over.signal });
    const end = await Promise.race([program.ended, late]);
    if (end === null) {
      throw new Error(
        this.#said(
          `went on for ${AFTERMATH_MS / 1000} s after the other one had ended: a server has its role in "serves"`,
        ),
      );
    }
    return end;
  }

  #faultOf({ code, signal }: ProgramEnd): string | undefined {
    const { exitCode, serves } = this.#description;
    const wasStopped = serves.includes(this.#role) && this.#bridge?.peerStatus !== undefined;
    if (signal !== null) return wasStopped ? undefined : `was killed by ${signal}`;
    if (code !== exitCode && !wasStopped) return `ended with exit code ${code}`;
    if (this.#bridge?.connections === 0) return 'ended without a connection to the other one';
    return undefined;
  }

  /** Which of two programs that failed did so first: who only lost its connection is not at fault. */
  async #blame(fault: string): Promise<Error> {
    const bridge = this.#bridge;
    const isVictim = bridge?.peerHasEnded === true;
    await bridge?.done(Status.failed).catch(() => {});
    if (isVictim) {
      const patience = sleep(BLAME_MS, undefined, { signal: this.#over.signal }).catch(() => undefined);
      const status = await Promise.race([bridge.peerDone, patience, bridge.failure.catch(() => undefined)]);
      if (status === Status.failed) return this.#peerFailed();
    }
    return new Error(this.#said(fault));
  }

  #peerFailed(): Error {
    return new PeerGoneError(`the ${this.#peer}'s program failed`);
  }

  /** A sentence on this party's program, with its last words. */
  #said(what: string): string {
    const last = this.#program?.lastLine ?? '';
    const [name = ''] = this.#description.commands[this.#role];
    return `the ${this.#role}'s program ${fillPlaces(name, { folder: '.' })} ${what}${last ? `; its last words: ${last}` : ''}`;
  }
}

/** What programs see of this process's environment: not what the harness tunes its own allocator with. */
function inherited(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('MALLOC_'));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** A port that nobody listens on, for a program that wants to be told one. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function wholeOutput({ stdout, tooMuch }: ProgramEnd): Buffer {
  if (tooMuch) throw new Error('it wrote more to its output than a result can have');
  return stdout;
}

function resultFile(path: string, most: number): Buffer {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error('it wrote no result');
  if (found.size > most) throw new Error(`its result has ${found.size} bytes: at most ${most} can be right`);
  return readFileSync(path);
}
