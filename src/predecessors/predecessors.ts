import { DISCORD } from './discord.js';
import {
  nameService,
  type Operation,
  type Predecessor,
  type PredecessorName,
} from './predecessor.js';
import { TWITCH } from './twitch.js';
import { YOUTUBE } from './youtube.js';

/** The earlier services whose callers are served. */
export const PREDECESSORS: Readonly<Record<PredecessorName, Predecessor>> = {
  discord: DISCORD,
  twitch: TWITCH,
  youtube: YOUTUBE,
};

/** Whose call this is, by the path of a gRPC method; undefined for our own. */
export function findByRpc(
  path: string,
): { readonly predecessor: Predecessor; readonly rpc: string; operation?: Operation } | undefined {
  const [, service = '', rpc = ''] = path.split('/');
  const predecessor = Object.values(PREDECESSORS).find((one) => nameService(one) === service);
  if (!predecessor) return undefined;
  return { predecessor, rpc, operation: predecessor.operations.find((one) => one.rpc === rpc) };
}
