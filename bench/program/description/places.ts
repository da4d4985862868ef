/** Places in a command line, `{port}` for instance, and what is put there. */
import { nearest } from '../../words.ts';

/** What may stand in an argument or in the environment, and what it becomes. */
export const PLACES: Readonly<Record<string, string>> = {
  folder: 'the folder of the description',
  items: "the file with this party's items",
  result: 'the file that the receiver writes its result to',
  role: 'receiver or sender',
  'receiver-size': 'number of items of the receiver',
  'sender-size': 'number of items of the sender',
  'own-size': 'number of items of this party',
  'peer-size': 'number of items of the other party',
  threads: 'how many threads it may compute with',
  host: 'host of the address: where it listens, or finds the one that does',
  port: 'port of the address',
  address: 'host:port',
  'own-host': 'where both listen: the host that this one listens on',
  'own-port': 'where both listen: the port that this one listens on',
  'own-address': 'where both listen: the two as host:port',
  'peer-host': 'where both listen: the host that the other one is found at',
  'peer-port': 'where both listen: the port that the other one is found at',
  'peer-address': 'where both listen: the two as host:port',
};

/** Places of one address, and of two, where both listen. */
const ONE = ['host', 'port', 'address'];
const TWO = ['own-host', 'own-port', 'own-address', 'peer-host', 'peer-port', 'peer-address'];

/** A name in braces; `{}` and the braces of JSON are no places. */
const PLACE = /\{([a-z][a-z-]*)\}/g;

/** What is wrong with the places of `text`, in words, or `undefined`. */
export function placeFault(text: string, both: boolean): string | undefined {
  for (const [, name = ''] of text.matchAll(PLACE)) {
    if (!Object.hasOwn(PLACES, name)) {
      const guess = nearest(name, Object.keys(PLACES));
      return `there is no place {${name}}${guess ? `: did you mean {${guess}}?` : ''} (there are ${Object.keys(PLACES).join(', ')})`;
    }
    if (both && ONE.includes(name))
      return `{${name}} could be either: where both listen, write {own-${name}} or {peer-${name}}`;
    if (!both && TWO.includes(name))
      return `{${name}} is for programs that both listen: write {${name.replace(/^(own|peer)-/, '')}}`;
  }
  return undefined;
}

/** `text` with every place filled; the description was checked, so all of them are known. */
export function fillPlaces(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(PLACE, (whole, name: string) => String(values[name] ?? whole));
}
