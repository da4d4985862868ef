/**
 * A Minecraft server for unmodified clients: flying-squid in offline mode, a flat world that lives in memory.
 * Nothing in it knows of an enclave: `node server.cjs` runs it as well.
 */
const { createMCServer } = require('flying-squid');

createMCServer({
  version: process.env.MINECRAFT_VERSION ?? '1.21.4',
  host: '127.0.0.1',
  port: Number(process.env.PORT ?? 25565),
  motd: 'A server whose code you verified',
  'max-players': 20,
  // Checking a player's account takes outgoing connections.
  'online-mode': false,
  'player-list-text': { header: { text: 'flying-squid' }, footer: { text: 'in an enclave' } },
  gameMode: 1,
  difficulty: 1,
  // No folder: nothing is read from a disk or written to one.
  worldFolder: undefined,
  generation: { name: 'superflat', options: { worldHeight: 80, seed: 1 } },
  'view-distance': 6,
  // As other servers have it: a player whose computer is busy for a while stays.
  kickTimeout: 30_000,
  logging: false,
  plugins: {},
  modpe: false,
  'everybody-op': false,
  'max-entities': 100,
});
