/**
 * The enclave's host: starts the enclave, opens a connection to it per client, and relays bytes. It sees
 * nonces, documents and ciphertext. It knows which message is whose turn, so that it can hand on each
 * as soon as there is something to hand on; a host that doesn't do this gets nothing out of it but a
 * run that fails.
 */
import type { Flight, HelperParty, Session } from '../../bench/contract.ts';
import { KEY_LENGTH } from '../primitives/secure-channel/key-length.ts';
import { isLastRecord, MAX_RECORD } from '../primitives/secure-channel/records.ts';
import { release } from '../primitives/secure-channel/release.ts';
import type { ClientRole } from '../primitives/third-party/greeting.ts';
import { FRAME_LENGTH, NONCE_LENGTH } from './document-frame.ts';
import type { EnclaveUsage } from './runtime/guest.ts';
import { type LaunchOptions, launchEnclave, type RunningEnclave } from './runtime/launcher.ts';
import type { Connection } from './runtime/multiplexer.ts';

const ROLES: readonly ClientRole[] = ['receiver', 'sender'];

/** The enclave of this process, started when it is first wanted, and again should it have ended. */
export class EnclaveKeeper {
  readonly #options: LaunchOptions;
  #enclave: Promise<RunningEnclave> | undefined;
  #runs = 0;

  constructor(options: LaunchOptions) {
    this.#options = options;
  }

  /** The running enclave, and a number that no other run of it has. */
  async get(): Promise<{ enclave: RunningEnclave; run: number }> {
    let enclave = await this.#enclave?.catch(() => undefined);
    if (!enclave?.isUp) {
      this.#enclave = launchEnclave(this.#options);
      enclave = await this.#enclave;
    }
    this.#runs += 1;
    return { enclave, run: this.#runs };
  }

  /** Ends the enclave, if there is one. */
  async close(): Promise<void> {
    (await this.#enclave?.catch(() => undefined))?.close();
    this.#enclave = undefined;
  }
}

/** The helper of one run. */
export function hostParty(session: Session, keeper: EnclaveKeeper): HelperParty {
  let relays: readonly Relay[] = [];
  let enclave: RunningEnclave;
  let before: EnclaveUsage;

  const addUsage = async () => {
    const after = await enclave.usage();
    session.addUsage({ cpuMs: after.cpuMs - before.cpuMs, peakBytes: after.peakBytes });
    before = after;
  };

  return {
    async setup() {
      const start = performance.now();
      const { enclave: running, run } = await keeper.get();
      enclave = running;
      before = await enclave.usage();
      session.step('launch', performance.now() - start);
      relays = ROLES.map((role) => new Relay(session, role, enclave.connect(`${run}/${role}`)));
      await unlessReset(relays, relaySetup(relays));
      await addUsage();
    },
    async online() {
      await unlessReset(relays, relayOnline(relays));
      await addUsage();
    },
    close() {
      for (const relay of relays) relay.close();
    },
  };
}

async function relaySetup(relays: readonly Relay[]): Promise<void> {
  await Promise.all(relays.map((relay) => relay.toEnclave(NONCE_LENGTH)));
  await handOut(relays, (relay, flight) => relay.toClient(flight, FRAME_LENGTH));
  // The encapsulated key and the greeting; then the verdict on both.
  await Promise.all(
    relays.map(async (relay) => {
      await relay.toEnclave(KEY_LENGTH);
      await relay.toEnclave(MAX_RECORD);
    }),
  );
  await handOut(relays, (relay, flight) => relay.toClient(flight, MAX_RECORD));
}

async function relayOnline(relays: readonly Relay[]): Promise<void> {
  await Promise.all(relays.map((relay) => relay.messageToEnclave()));
  await handOut(relays, (relay, flight) => relay.messageToClient(flight));
}

/** `work`, or the reason why the enclave ended a connection while it was under way. */
async function unlessReset(relays: readonly Relay[], work: Promise<void>): Promise<void> {
  work.catch(() => {}); // What fails after a reset fails because of it.
  await Promise.race([work, ...relays.map((relay) => relay.failure())]);
}

/** Sends to both clients in one flight each, opened when all that it depends on has arrived. */
async function handOut(
  relays: readonly Relay[],
  send: (relay: Relay, flight: Flight) => Promise<unknown>,
): Promise<void> {
  const flights = relays.map((relay) => relay.openFlight());
  await Promise.all(relays.map((relay, i) => send(relay, flights[i]!)));
}

/** Between one client and its connection to the enclave. */
class Relay {
  readonly #session: Session;
  readonly #role: ClientRole;
  readonly #connection: Connection;

  constructor(session: Session, role: ClientRole, connection: Connection) {
    this.#session = session;
    this.#role = role;
    this.#connection = connection;
  }

  openFlight(): Flight {
    return this.#session.channel(this.#role).openFlight();
  }

  /** Rejects when the enclave, or the end of it, ends the connection before its time. */
  async failure(): Promise<never> {
    const cause = await this.#connection.whenReset;
    throw new Error(`the enclave ended the ${this.#role}'s connection: ${cause.message}`, { cause });
  }

  /** One message of at most `maxBytes` bytes from the client. */
  async toEnclave(maxBytes: number): Promise<{ isLast: boolean }> {
    const message = await this.#session.channel(this.#role).receive(maxBytes);
    const isLast = isLastRecord(message);
    await this.#connection.send(message);
    release(message);
    return { isLast };
  }

  async toClient(flight: Flight, maxBytes: number): Promise<{ isLast: boolean }> {
    let chunk: Uint8Array;
    try {
      chunk = await this.#connection.receive(maxBytes);
    } catch (cause) {
      throw new Error(`the enclave ended the ${this.#role}'s connection: ${(cause as Error).message}`, {
        cause,
      });
    }
    const isLast = isLastRecord(chunk);
    await flight.send(chunk);
    release(chunk);
    return { isLast };
  }

  /** Records until the one that says that it is the message's last. */
  async messageToEnclave(): Promise<void> {
    while (!(await this.toEnclave(MAX_RECORD)).isLast);
  }

  async messageToClient(flight: Flight): Promise<void> {
    while (!(await this.toClient(flight, MAX_RECORD)).isLast);
  }

  /** Ends the connection; a run that is over has ended it already. */
  close(): void {
    this.#connection.reset('the run is over');
  }
}
