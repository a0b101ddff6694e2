import { DISCORD } from './discord.js';
import type { Predecessor, PredecessorName } from './predecessor.js';
import { TWITCH } from './twitch.js';
import { EARLIER_TWITCH_ACTIONS } from './twitch-actions.js';
import { YOUTUBE } from './youtube.js';

/** The earlier services whose callers are served. */
export const PREDECESSORS: Readonly<Record<PredecessorName, Predecessor>> = {
  discord: DISCORD,
  twitch: TWITCH,
  youtube: YOUTUBE,
};

/** The types of the actions that the earlier service of a platform had. */
export function listEarlierActions(platform: string): ReadonlySet<string> {
  const { operations = [] } =
    Object.entries(PREDECESSORS).find(([name]) => name === platform)?.[1] ?? {};
  const types = platform === 'twitch' ? Object.keys(EARLIER_TWITCH_ACTIONS) : [];
  return new Set([...types, ...operations.map(({ action }) => action)]);
}
