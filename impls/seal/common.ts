/** What both parties set up alike. */

import type { Channel } from '../../bench/contract.ts';
import { type EngineName, resolveEngine } from '../primitives/curve/engine.ts';
import { choosePlan } from './chooser.ts';
import { type Context, sharedContext } from './context.ts';
import { shakeHands } from './handshake.ts';
import { Oprf } from './oprf.ts';
import type { SealSession } from './options.ts';
import type { Plan } from './plan.ts';
import { loadSeal } from './runtime.ts';
import { Wire } from './wire.ts';

/** The engine of the OPRF under these options. */
export function engineOf({ options }: Pick<SealSession, 'options'>): EngineName {
  return resolveEngine(options.engine);
}

/** The best plan for the session's sizes. @throws Error when no parameter set fits. */
export function planOf(session: Pick<SealSession, 'options' | 'sizes'>): Plan {
  return choosePlan(session.sizes, session.options.parameters, engineOf(session));
}

/** A party between setup and close. */
export class Station {
  readonly plan: Plan;
  readonly context: Context;
  readonly wire: Wire;
  readonly oprf: Oprf;
  readonly channel: Channel;

  private constructor(session: SealSession, plan: Plan, context: Context, oprf: Oprf) {
    this.plan = plan;
    this.context = context;
    this.oprf = oprf;
    this.wire = new Wire(context, session.options.compress);
    this.channel = session.channel(session.role === 'receiver' ? 'sender' : 'receiver');
  }

  /**
   * Plans, loads SEAL, starts the engine and makes sure that the peer does the same.
   * @throws Error when nothing fits the sizes or the peer plays something else.
   */
  static async open(session: SealSession): Promise<Station> {
    const plan = planOf(session);
    const seal = await loadSeal();
    const oprf = await Oprf.start(engineOf(session), session.threads, session.random);
    try {
      const station = new Station(session, plan, sharedContext(seal, plan.set), oprf);
      const peer = session.role === 'receiver' ? 'sender' : 'receiver';
      const compression = session.options.compress;
      await shakeHands(station.channel, peer, { plan, group: oprf.group, compression });
      return station;
    } catch (error) {
      await oprf.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.oprf.close();
  }
}
