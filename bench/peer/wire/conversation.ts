/**
 * What may be asked of a party, and when: once connected, runs one after the other, each of them started,
 * led through the phases in their order, those that only another party has too, and finished. Nothing is asked while
 * the party still works, and nothing twice.
 */
import type { Phase } from '../../contract.ts';
import { ProtocolError } from '../../errors.ts';
import type { FromParty } from '../../party/messages.ts';
import { PHASES } from '../../terms.ts';
import type { Ask } from './messages.ts';

/** Which answer ends the party's work on a question. */
const ANSWERS = {
  connect: 'connected',
  start: 'started',
  phase: 'phase-done',
  finish: 'finished',
} as const satisfies Readonly<Record<Ask['type'], FromParty['type']>>;

type State =
  /** It loads its data and starts to listen. */
  | { readonly at: 'opening' }
  | { readonly at: 'ready' }
  /** Between two runs. */
  | { readonly at: 'idle' }
  | { readonly at: 'running'; readonly left: readonly Phase[] }
  | { readonly at: 'working'; readonly on: Ask };

export class Conversation {
  #state: State = { at: 'opening' };

  /**
   * Notes that `ask` is asked now; the type of its answer.
   * @throws ProtocolError when it may not be asked now
   */
  asks(ask: Ask): FromParty['type'] {
    const state = this.#state;
    const allowed =
      (ask.type === 'connect' && state.at === 'ready') ||
      (ask.type === 'start' && state.at === 'idle') ||
      (ask.type === 'phase' && state.at === 'running' && state.left.includes(ask.phase)) ||
      (ask.type === 'finish' && state.at === 'running' && state.left.length === 0);
    if (!allowed) {
      const what = ask.type === 'phase' ? `phase ${ask.phase}` : ask.type;
      throw new ProtocolError(`the other host asked for "${what}" while the party was ${describe(state)}`);
    }
    this.#state = { at: 'working', on: ask };
    return ANSWERS[ask.type];
  }

  /** The party has answered: the next thing may be asked. */
  answered(answer: FromParty): void {
    if (answer.type === 'ready') this.#state = { at: 'ready' };
    else if (answer.type === 'started') this.#state = { at: 'running', left: PHASES };
    else if (answer.type === 'phase-done') {
      const { phase } = answer.usage;
      this.#state = { at: 'running', left: PHASES.slice(PHASES.indexOf(phase) + 1) };
    } else this.#state = { at: 'idle' };
  }
}

function describe(state: State): string {
  if (state.at === 'working') return `at work on "${state.on.type}"`;
  if (state.at === 'running') return state.left[0] ? `before its phase ${state.left[0]}` : 'done';
  return state.at;
}
