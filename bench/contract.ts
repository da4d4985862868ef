/**
 * The interface between the harness and the implementations of private set intersection (PSI).
 *
 * This file imports nothing. An implementation is one object of type {@link Implementation}; the
 * harness starts one process per {@link Role}, gives each a {@link Session}, and plays the
 * {@link Phase}s in order with a barrier between them. Whatever an implementation may rely on is
 * written here; `bench/conformance/index.ts` holds it to its side.
 */

/** `receiver` learns the intersection, `sender` does not; `helper` is a third process some protocols need. */
export type Role = 'receiver' | 'sender' | 'helper';

/**
 * - `setup` sees no items: keys, attestation, base oblivious transfers.
 * - `prepare` sees the party's own items only; nothing can be sent or received in it.
 * - `online` is the rest, until the receiver holds the result.
 */
export type Phase = 'setup' | 'prepare' | 'online';

/**
 * What an implementation is: the only thing from which sections, claims and colours follow.
 * - `cryptography`: private, and nobody needs to be trusted but the two parties themselves;
 * - `enclave`: private if a piece of hardware and the measured code are trusted;
 * - `third-party`: private if a third party is trusted;
 * - `open`: not private, whoever sees the messages can guess items.
 */
export type Kind = 'cryptography' | 'enclave' | 'third-party' | 'open';

/**
 * What isolates an enclave: `simulated`, an ordinary process; `emulated`, a virtual machine whose every
 * instruction is emulated in software (its results count, its times mean nothing); `vm`, a virtual machine that
 * runs on the processor; `real`, the hardware itself.
 */
export type Hardware = 'simulated' | 'emulated' | 'vm' | 'real';

/** What the receiver learns; see {@link ReceiverResult}. */
export type Output =
  | { readonly kind: 'intersection' }
  | { readonly kind: 'cardinality' }
  /** Whether at least `atLeast` (≥ 1) items are shared. */
  | { readonly kind: 'threshold'; readonly atLeast: number };
export type OutputKind = Output['kind'];

/** What kind of code does the work. `enclave-simulated`: the protocol of an enclave without its hardware. */
export type Build = 'ts' | 'wasm' | 'native' | 'enclave' | 'enclave-simulated';

/**
 * A set of distinct byte strings, packed: item `i` is `data[offsets[i] .. offsets[i + 1])`.
 * `offsets` has `count + 1` entries, starts at 0 and never decreases. Items may be empty.
 * Both arrays are read-only by agreement, and may lie in shared memory.
 */
export interface ItemSet {
  readonly count: number;
  readonly data: Uint8Array;
  readonly offsets: Uint32Array;
}

/** Sends messages that belong to one flight; see {@link Channel.openFlight}. */
export interface Flight {
  /** As {@link Channel.send}, in this flight. */
  send(message: Uint8Array): Promise<void>;
}

/** An ordered, reliable, metered connection to one other party. */
export interface Channel {
  /**
   * Sends one message (0 to 2^30 bytes). The promise resolves when the bytes are with the operating
   * system; until then the buffer must stay unchanged. A message goes out at once, never with later
   * ones. Await it, or bound the number of sends in the air yourself. Rejects when the peer is gone.
   */
  send(message: Uint8Array): Promise<void>;
  /**
   * The next message, in the order sent. The buffer belongs to the caller. Rejects when the peer
   * is gone or sent something that is no message, and when the message is longer than `maxBytes`
   * (default 2^30): give the length that the protocol allows, so that a lying peer cannot make the
   * process allocate more. Only one `receive` may wait at a time.
   */
  receive(maxBytes?: number): Promise<Uint8Array>;
  /**
   * Opens a flight: a run of messages that need not wait for anything received after this call.
   * A message's flight number is 1 + the highest flight number received, from any party, before its
   * flight was opened; a plain `send` opens one for itself. The highest number of a phase is the
   * number of one-way latencies that the phase must wait for. A party that streams (sends a chunk,
   * receives, sends the next) therefore sends through one `Flight`.
   */
  openFlight(): Flight;
}

/** Random bytes: the operating system's in every measured run; seeded under test only. */
export interface Random {
  /** `length` fresh random bytes. */
  bytes(length: number): Uint8Array;
  /** Fills `target` with random bytes and returns it. */
  fill(target: Uint8Array): Uint8Array;
}

/** Values of an implementation's options, complete (defaults filled in) and of the declared types. */
export type OptionValues = Readonly<Record<string, string | number | boolean>>;

/** What one party gets for one run of the protocol. */
export interface Session<Options extends OptionValues = OptionValues> {
  readonly role: Role;
  /** Set sizes, known to every party, as in the security definitions of PSI. */
  readonly sizes: { readonly receiver: number; readonly sender: number };
  readonly options: Options;
  /** What the receiver is to learn: one of the implementation's `outputs`. */
  readonly output: Output;
  /**
   * What this party keeps between the runs of its process, by names of the implementation's choice: empty in
   * a fresh process. Whatever is put here must be declared in `keeps`, must not depend on items, and must not
   * spare the next run anything that its security needs fresh. Both parties' processes live equally long, but
   * a run may fail half way: agree on what is kept (a number, say) before relying on it.
   */
  readonly kept: Map<string, unknown>;
  /** How many threads this party may compute with (1: none besides the main thread). */
  readonly threads: number;
  readonly random: Random;
  /** The channel to `role`. Throws when that is this party itself or not part of the protocol. */
  channel(role: Role): Channel;
  /** Aborted when the run is over for any reason: stop timers and workers. */
  readonly signal: AbortSignal;
  /**
   * Records a named step of the current phase, e.g. `step('verify', 1.2)` in ms: shown apart in the
   * records, never added to anything.
   */
  step(name: string, ms: number): void;
  /**
   * Adds what a process that this party started has used in the current phase: CPU time (user and
   * system) in ms, and its peak resident memory. The harness itself sees the party's process only.
   */
  addUsage(usage: { readonly cpuMs: number; readonly peakBytes: number }): void;
}

/** A party in one run. Methods are called in the order setup, prepare, online, each at most once, then close. */
export interface Party<Result> {
  setup?(): Promise<void>;
  prepare?(items: ItemSet): Promise<void>;
  online(items: ItemSet): Promise<Result>;
  /** Frees what the garbage collector does not (WASM objects, workers). Called after failures as well. */
  close?(): void | Promise<void>;
}

/**
 * By output: for `intersection`, the indices of the receiver's own items that the sender has too, strictly
 * ascending; for `cardinality`, how many items are shared; for `threshold`, whether there are at least
 * `atLeast`.
 */
export type ReceiverResult = Uint32Array | number | boolean;

/** The receiver's `online` resolves to the result that `session.output` asks for. */
export type ReceiverParty = Party<ReceiverResult>;
export type SenderParty = Party<void>;
/** A helper has no items: `prepare` is not called, `online` gets the empty set. */
export type HelperParty = Party<void>;

/** Declares an option, settable with `--set <impl>.<option>=<value>`. */
export type OptionSpec = { readonly description: string } & (
  | { readonly type: 'enum'; readonly values: readonly string[]; readonly default: string }
  | { readonly type: 'number'; readonly min: number; readonly max: number; readonly default: number }
  | { readonly type: 'boolean'; readonly default: boolean }
);

/** The options of an implementation, by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type OptionValue<Spec extends OptionSpec> = Spec extends { readonly type: 'enum' }
  ? Spec['values'][number]
  : Spec extends { readonly type: 'number' }
    ? number
    : boolean;

/** The values that options declared so can have. */
export type ValuesOf<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: OptionValue<Specs[Name]>;
};

/** What an implementation claims. The conformance suite tests what can be tested of it. */
export interface Security {
  /**
   * Whether the claim is that nobody learns more than the declared leakage from what crosses the
   * wire. `false`: images of items travel, and whoever sees them can guess the items.
   */
  readonly private: boolean;
  /** For readers, e.g. 'semi-honest' or 'trusted third party'; what decides is `Implementation.kind`. */
  readonly model: string;
  /** Who or what must be trusted, in a few words, for tables. */
  readonly trust: string;
  /** e.g. 'gap-CDH in the random-oracle model'. */
  readonly assumption: string;
  /** Computational security in bits; `null` where nothing is hidden by computation. */
  readonly bits: number | null;
  /** Whether the assumption is believed to hold against a quantum computer. */
  readonly postQuantum: boolean;
  /** What each party learns beyond set sizes and, for the receiver, the intersection. '' = nothing. */
  readonly learns: Readonly<Partial<Record<Role, string>>>;
  /** Bound on the probability that a run's result is wrong, as an exponent of two (−40); `null` = exact. */
  readonly falsePositiveLog2: number | null;
}

/** A rough cost model, so that hopeless cells are skipped with a reason instead of hanging. */
export interface Estimate {
  /** Wall time of one run without a network, in ms, all phases. */
  readonly wallMs: number;
  /** Peak memory of the largest party, in bytes, items included. */
  readonly peakBytes?: number;
}

/**
 * One implementation of PSI. `id` is the folder's name, or begins with it and a hyphen for a variant.
 * Its options are typed by their declaration: `const OPTIONS = { … } as const satisfies OptionSpecs`, then
 * `Implementation<typeof OPTIONS>`, whose sessions know every option and its values.
 */
export interface Implementation<Specs extends OptionSpecs = OptionSpecs> {
  readonly id: string;
  readonly title: string;
  /** One sentence on how it works. */
  readonly summary: string;
  /** Papers, RFCs, pages: what to read and what it was checked against. */
  readonly references: readonly string[];
  /** Changes whenever transcripts or performance may change; part of every record. */
  readonly version: string;
  readonly kind: Kind;
  /** What isolates the enclave under these options: present exactly when `kind` is `enclave`. */
  hardware?(options: ValuesOf<Specs>): Hardware;
  readonly build: Build;
  readonly security: Security;
  readonly options: Specs;
  /**
   * Why the same seed does not give the same transcript, where that cannot be: a document carries the
   * time, a library draws its own randomness. Sizes must repeat all the same. Absent: all randomness
   * comes from the session.
   */
  readonly unseeded?: string;
  /** What the receiver can be given. Default: the intersection alone. */
  readonly outputs?: readonly OutputKind[];
  /**
   * What parties keep between runs in `session.kept` (or in their process), a few words each, e.g. 'the base
   * oblivious transfers': it is printed wherever a warm run's time is. Absent: nothing.
   */
  readonly keeps?: readonly string[];
  /**
   * Present when programs that are no code of ours do the work, and the parties only carry their connections. Where
   * one message ends and the next begins is then an accident, and what the programs draw and check is their own.
   * `tried`: whether who described the program has run it so. `anyBytes`: whether an item may be any bytes.
   */
  readonly program?: { readonly tried: boolean; readonly anyBytes: boolean };
  /** Whether `threads` > 1 has an effect. Default false. */
  readonly threads?: boolean;
  /** Largest set sizes that are supported (default 2^24 each). */
  readonly limits?: { readonly receiver?: number; readonly sender?: number };
  /**
   * Loads the code that only parties of `role` need; called once in a fresh process, and its time is the loading
   * of code. A factory must not rely on it. Absent: the module brings all.
   */
  load?(role: Role): Promise<void>;
  /** `true`, or one sentence saying what is missing and how to install it. */
  available(options: ValuesOf<Specs>): Promise<true | string>;
  /** Name of the code that does the heavy work under these options, for the record: 'noble', 'sodium', …. */
  engine?(options: ValuesOf<Specs>): string;
  /** Predicted cost; without it the harness extrapolates from what it has measured. */
  estimate?(sizes: Session['sizes'], options: ValuesOf<Specs>): Estimate;
  receiver(session: Session<ValuesOf<Specs>>): ReceiverParty;
  sender(session: Session<ValuesOf<Specs>>): SenderParty;
  /** Present exactly when the protocol has a third process. */
  helper?(session: Session<ValuesOf<Specs>>): HelperParty;
}

/** An implementation's module (`impls/<id>/index.ts`, or a file given by path) has it, or several, as default export. */
export interface ImplementationModule {
  readonly default: Implementation | readonly Implementation[];
}
