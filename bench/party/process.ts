/**
 * A party's process: plays when the harness says so. Started by `local.ts`; it is not a command.
 */
import { messageOf, PeerGoneError, ProtocolError } from '../errors.ts';
import type { FailureCause, FromParty, ToParty } from './messages.ts';
import { PlayingParty } from './playing-party.ts';

const OUT_OF_MEMORY =
  /out of memory|array buffer allocation failed|invalid array (buffer )?length|could not allocate memory|memory\.grow/i;

function causeOf(error: unknown): FailureCause {
  if (error instanceof PeerGoneError) return 'peer-gone';
  if (error instanceof ProtocolError) return 'contract';
  return OUT_OF_MEMORY.test(messageOf(error)) ? 'memory' : 'error';
}

function main(): void {
  const tell = (message: FromParty) => process.send!(message);
  let party: PlayingParty | undefined;
  let during = 'start';
  const handle = async (message: ToParty): Promise<void> => {
    switch (message.type) {
      case 'open':
        during = 'loading';
        party = await PlayingParty.open(message.task);
        return void tell({ type: 'ready', port: party.port, residentBytes: process.memoryUsage.rss() });
      case 'connect':
        during = 'connecting';
        await party!.connect(message.ports);
        return void tell({ type: 'connected' });
      case 'start':
        during = 'start';
        return void tell(await party!.start(message.sample));
      case 'phase':
        during = message.phase;
        return void tell(await party!.phase(message.phase));
      case 'finish':
        during = 'close';
        return void tell(await party!.finish());
      case 'quit':
        process.disconnect?.();
        process.exit(0);
    }
  };
  const fail = async (error: unknown): Promise<void> => {
    const report: FromParty = {
      type: 'failed',
      during,
      reason: messageOf(error),
      cause: causeOf(error),
    };
    await Promise.race([
      party?.finish().catch(() => {}),
      new Promise((resolve) => setTimeout(resolve, 1000)),
    ]);
    if (!process.connected) process.exit(1);
    process.send?.(report, () => process.exit(1));
  };
  process.on('message', (message: ToParty) => void handle(message).catch(fail));
  process.on('uncaughtException', (error) => void fail(error));
  process.on('unhandledRejection', (error) => void fail(error));
  // The harness decides: an interrupt at the terminal reaches the whole process group.
  process.on('SIGINT', () => {});
  // Without the harness there is nobody to play for: never outlive it.
  process.on('disconnect', () => process.exit(0));
}

main();
