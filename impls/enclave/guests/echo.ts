/** A guest that sends back what it gets, on any number of connections: the smallest server there is. */
import type { Guest } from '../runtime/guest.ts';
import type { Connection } from '../runtime/multiplexer.ts';

const echo: Guest = async ({ accept }) => {
  for (;;) void serve(await accept());
};

async function serve(connection: Connection): Promise<void> {
  try {
    for (let chunk = await connection.next(); chunk; chunk = await connection.next()) {
      await connection.send(chunk);
    }
    connection.end();
  } catch (error) {
    connection.reset((error as Error).message);
  }
}

export default echo;
