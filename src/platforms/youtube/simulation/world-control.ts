import {
  answerError,
  answerJson,
  isRecord,
  type SandboxAnswer,
} from '../../../sandbox/exchange.js';
import type { Quota } from './quota.js';
import { LIFE_CYCLE } from './resources.js';
import type { Broadcast, YouTubeWorld } from './world.js';

interface ControlledWorld {
  readonly world: YouTubeWorld;
  readonly quota: Quota;
  readonly uploadQuota: Quota;
  readonly searchQuota: Quota;
}

/** A switch takes its value or answers false when it can't. */
type Switch<T> = (target: T, value: unknown) => boolean;

function flip<T>(set: (target: T, value: boolean) => void): Switch<T> {
  return (target, value) => {
    if (typeof value !== 'boolean') return false;
    set(target, value);
    return true;
  };
}

function count<T>(set: (target: T, value: number) => void): Switch<T> {
  return (target, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return false;
    set(target, value);
    return true;
  };
}

const WORLD_SWITCHES: Readonly<Record<string, Switch<ControlledWorld>>> = {
  quota_limit: count(({ quota }, units) => (quota.limit = units)),
  quota_used: count(({ quota }, units) => (quota.used = units)),
  uploads_limit: count(({ uploadQuota }, uploads) => (uploadQuota.limit = uploads)),
  uploads_used: count(({ uploadQuota }, uploads) => (uploadQuota.used = uploads)),
  searches_limit: count(({ searchQuota }, searches) => (searchQuota.limit = searches)),
  searches_used: count(({ searchQuota }, searches) => (searchQuota.used = searches)),
  consenting_channel_id: ({ world }, value) => {
    if (typeof value !== 'string' || !world.channels.has(value)) return false;
    world.consenting_channel_id = value;
    return true;
  },
  channels: each(({ channels }) => channels, {
    streaming_enabled: flip((channel, enabled) => (channel.streaming_enabled = enabled)),
  }),
  videos: each(({ videos }) => videos, {
    comments_enabled: flip((video, enabled) => (video.comments_enabled = enabled)),
  }),
  chats: each(({ chats }) => chats, {
    enabled: flip((chat, enabled) => (chat.enabled = enabled)),
    add_moderators: (chat, value) => {
      if (!Array.isArray(value)) return false;
      for (const id of value.map(String)) chat.moderators.set(`moderator-${id}`, id);
      return true;
    },
  }),
  broadcasts: each<Broadcast>(({ broadcasts }) => broadcasts, {
    monitor_enabled: flip((broadcast, enabled) => (broadcast.monitor_enabled = enabled)),
    stream_active: flip((broadcast, active) => (broadcast.stream_active = active)),
    life_cycle_status: (broadcast, value) => {
      const status = LIFE_CYCLE.find((known) => known === value);
      if (status) broadcast.life_cycle_status = status;
      return status !== undefined;
    },
  }),
};

/** `{<id>: {<switch>: value}}` for the things of one kind. */
function each<T>(
  list: (world: YouTubeWorld) => ReadonlyMap<string, T>,
  switches: Readonly<Record<string, Switch<T>>>,
): Switch<ControlledWorld> {
  return ({ world }, value) =>
    isRecord(value) &&
    Object.entries(value).every(([id, changes]) => {
      const target = list(world).get(id);
      return target !== undefined && isRecord(changes) && turn(switches, target, changes);
    });
}

function turn<T>(
  switches: Readonly<Record<string, Switch<T>>>,
  target: T,
  changes: Record<string, unknown>,
): boolean {
  return Object.entries(changes).every(([name, value]) => switches[name]?.(target, value) ?? false);
}

/** Changes the world: quota, channels, videos, chats and broadcasts by id. */
export function mutateWorld(
  body: Record<string, unknown>,
  controlled: ControlledWorld,
): SandboxAnswer {
  for (const [name, value] of Object.entries(body)) {
    if (!Object.hasOwn(WORLD_SWITCHES, name))
      return answerError(400, `unknown: ${name}; known: ${Object.keys(WORLD_SWITCHES).join(', ')}`);
    if (!WORLD_SWITCHES[name]?.(controlled, value))
      return answerError(400, `${name} cannot be set to ${JSON.stringify(value)}`);
  }
  return answerJson(200, { changed: Object.keys(body) });
}
