/** A party whose process runs on the other host, asked as if it ran here. */
import type { TLSSocket } from 'node:tls';
import type { Role } from '../contract.ts';
import { messageOf, ProtocolError } from '../errors.ts';
import type { PartyFailure, PartyHandle } from '../party/local.ts';
import type { FromParty, PartyTask, ToParty } from '../party/messages.ts';
import { checkPartyAnswer } from './host/answers.ts';
import type { Peer } from './peer.ts';
import { ClosedError, readLine, sendLine } from './wire/lines.ts';
import type { RemoteTask, ToRemoteParty } from './wire/messages.ts';

const DISMISS_MS = 3000;

export class RemoteParty implements PartyHandle {
  readonly pid = undefined;
  readonly #peer: Peer;
  readonly #role: Role;
  readonly #version: string;
  readonly #report: (failure: PartyFailure) => void;
  #doing = 'starting';
  #socket: TLSSocket | undefined;
  #leaving = false;
  #expected: { type: FromParty['type']; resolve(message: FromParty): void } | undefined;

  /** `version`: the implementation's, which must be the same on both hosts. */
  constructor(peer: Peer, role: Role, version: string, report: (failure: PartyFailure) => void) {
    this.#peer = peer;
    this.#role = role;
    this.#version = version;
    this.#report = report;
  }

  get doing(): string {
    return `${this.#doing}, on the other host`;
  }

  /** As for a party of this host; its `port` is what the other host calls it by. */
  ask<Type extends FromParty['type']>(
    message: ToParty,
    answer: Type,
  ): Promise<Extract<FromParty, { type: Type }>> {
    this.#doing = message.type === 'phase' ? message.phase : message.type;
    return new Promise((resolve) => {
      this.#expected = { type: answer, resolve: resolve as (message: FromParty) => void };
      if (message.type === 'open') void this.#open(message.task);
      // Where its tunnels end, the other host knows itself.
      else if (message.type === 'connect') this.#send({ type: 'connect' });
      else this.#send(message.type === 'quit' ? { type: 'dismiss' } : message);
    });
  }

  async #open(task: PartyTask): Promise<void> {
    try {
      this.#socket = await this.#peer.open({ type: 'party', task: remoteTask(task, this.#version) });
      if (this.#leaving) return void this.#socket.destroy();
      for (;;) {
        const said = checkPartyAnswer(await readLine(this.#socket));
        if (said.type === 'failure') {
          this.#leaving = true;
          return this.#report(said.failure);
        }
        if (this.#expected?.type !== said.message.type) {
          throw new ProtocolError(`the other host answered "${said.message.type}" where it was not asked`);
        }
        const { resolve } = this.#expected;
        this.#expected = undefined;
        this.#doing = 'done';
        resolve(said.message);
      }
    } catch (error) {
      this.#socket?.destroy();
      if (this.#leaving) return;
      this.#report({
        outcome: error instanceof ProtocolError && !(error instanceof ClosedError) ? 'broken' : 'died',
        reason: `the ${this.#role}, during ${this.#doing}: ${messageOf(error)}`,
        weight: 4,
      });
    }
  }

  async dismiss(): Promise<void> {
    this.#leaving = true;
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    this.#send({ type: 'dismiss' });
    const timer = setTimeout(() => socket.destroy(), DISMISS_MS);
    await closed;
    clearTimeout(timer);
  }

  kill(): void {
    this.#leaving = true;
    this.#socket?.destroy();
  }

  #send(message: ToRemoteParty): void {
    if (this.#socket) void sendLine(this.#socket, message);
  }
}

/** @throws ProtocolError when the task is one that no other host is asked to play. */
function remoteTask(task: PartyTask, version: string): RemoteTask {
  const { implementation, dataset, sizes, options, output, threads, token, protocolSeed } = task;
  if (protocolSeed !== null) throw new ProtocolError('another host is not asked to play with a seed');
  return {
    id: implementation.id,
    version,
    // Of a file, this host knows its own half.
    dataset: dataset.kind === 'file' ? 'own' : dataset,
    sizes,
    options,
    output,
    threads,
    token,
  };
}
