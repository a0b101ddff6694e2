import { DISCORD } from './discord.js';
import type { Predecessor, PredecessorName } from './predecessor.js';
import { TWITCH } from './twitch.js';
import { YOUTUBE } from './youtube.js';

/** The earlier services whose callers are served. */
export const PREDECESSORS: Readonly<Record<PredecessorName, Predecessor>> = {
  discord: DISCORD,
  twitch: TWITCH,
  youtube: YOUTUBE,
};
