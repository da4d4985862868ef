/** The shaped links of one cell: one between every two parties, all in one relay. */
import type { Role } from '../contract.ts';
import type { Link } from './index.ts';
import type { Carried } from './pipe.ts';
import { RelayProcess } from './relay-process.ts';

/** What one direction of one link carried, as the relay counted it. */
export interface LinkReading extends Carried {
  readonly from: Role;
  readonly to: Role;
}

/** A link's ends: parties connect to those that stand before them in the list of roles. */
interface Pair {
  readonly connecting: Role;
  readonly accepting: Role;
}

export class ShapedLinks {
  readonly #pairs: readonly Pair[];
  readonly #link: Link;
  readonly #relay: RelayProcess;

  /** Starts the relay; `onDeath` is told why when it ends by itself. */
  constructor(roles: readonly Role[], link: Link, onDeath: (reason: string) => void) {
    this.#pairs = roles.flatMap((connecting, i) =>
      roles.slice(0, i).map((accepting) => ({ connecting, accepting })),
    );
    this.#link = link;
    this.#relay = new RelayProcess(onDeath);
  }

  get pid(): number | undefined {
    return this.#relay.pid;
  }

  /**
   * Opens the links to the parties, which listen on the ports `own`. Resolves to the ports at which
   * each party is to look for the others.
   */
  async open(own: ReadonlyMap<Role, number>): Promise<ReadonlyMap<Role, Partial<Record<Role, number>>>> {
    const entrances = await this.#relay.open(
      this.#link,
      this.#pairs.map(({ accepting }) => own.get(accepting)!),
    );
    const ports = new Map([...own.keys()].map((role) => [role, {} as Partial<Record<Role, number>>]));
    if (entrances.length !== this.#pairs.length) throw new Error('the relay opened another number of links');
    for (const [i, entrance] of entrances.entries()) {
      const { connecting, accepting } = this.#pairOf(i);
      ports.get(connecting)![accepting] = entrance;
    }
    return ports;
  }

  /** What every direction carried since the last reading. */
  async read(): Promise<readonly LinkReading[]> {
    const { links } = await this.#relay.read();
    return links.flatMap(({ forward, backward }, i) => {
      const { connecting, accepting } = this.#pairOf(i);
      return [
        { ...forward, from: connecting, to: accepting },
        { ...backward, from: accepting, to: connecting },
      ];
    });
  }

  #pairOf(link: number): Pair {
    const pair = this.#pairs[link];
    if (!pair) throw new Error(`the relay speaks of a link ${link} that was not asked for`);
    return pair;
  }

  /** Ends the relay's process; resolves when it is gone. */
  kill(): Promise<void> {
    return this.#relay.kill();
  }
}
