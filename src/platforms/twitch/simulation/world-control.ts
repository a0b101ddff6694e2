import {
  answerError,
  answerJson,
  isRecord,
  type SandboxAnswer,
} from '../../../sandbox/exchange.js';
import type { TwitchLimits } from './limits.js';
import { SANDBOX_CLIENT } from './client.js';
import type { TwitchChannel, TwitchUser, TwitchWorld } from './world.js';

interface Person {
  readonly user: TwitchUser;
  readonly channel: TwitchChannel;
  readonly world: TwitchWorld;
  readonly limits: TwitchLimits;
}

/** A switch takes its value or answers false when it can't. */
type Switch<T> = (value: unknown, target: T) => boolean;

/** A switch of a yes or a no. */
function flip<T>(set: (target: T, value: boolean) => void): Switch<T> {
  return (value, target) => {
    if (typeof value !== 'boolean') return false;
    set(target, value);
    return true;
  };
}

/** What can be changed about one person and their channel. */
const PERSON_SWITCHES: Readonly<Record<string, Switch<Person>>> = {
  live: flip(({ channel, world }, live) => {
    channel.live_since = live ? (channel.live_since ?? world.now()) : null;
  }),
  vod: flip(({ channel }, enabled) => (channel.vod_enabled = enabled)),
  clips: flip(({ channel }, enabled) => (channel.clips_enabled = enabled)),
  accepts_raids: flip(({ channel }, accepts) => (channel.accepts_raids = accepts)),
  community_built: flip(({ channel }, built) => (channel.community_built = built)),
  hold_next_message: flip(({ channel }, hold) => (channel.hold_next_message = hold)),
  phone_verified: flip(({ user }, verified) => (user.phone_verified = verified)),
  accepts_whispers: flip(({ user }, accepts) => (user.accepts_whispers = accepts)),
  vip_slots: (value, { channel }) => {
    if (!isCount(value)) return false;
    channel.vip_slots = value;
    return true;
  },
  rate_limit: (value, { user, limits }) => {
    if (!isRecord(value)) return false;
    const { limit, remaining, reset_ms } = value;
    if (![limit, remaining, reset_ms].every((given) => given === undefined || isCount(given)))
      return false;
    limits.setBucket(`${SANDBOX_CLIENT.id}:${user.id}`, {
      ...(isCount(limit) && { limit }),
      ...(isCount(remaining) && { remaining }),
      ...(isCount(reset_ms) && { reset_ms }),
    });
    return true;
  },
};

/** What can be changed about the whole of Twitch. */
const WORLD_SWITCHES: Readonly<
  Record<string, Switch<{ world: TwitchWorld; limits: TwitchLimits }>>
> = {
  limits: flip(({ limits }, enabled) => (limits.enabled = enabled)),
  clip_delay_ms: (value, { world }) => {
    if (!isCount(value)) return false;
    world.clip_delay_ms = value;
    return true;
  },
  consenting_user_id: (value, { world }) => {
    if (typeof value !== 'string' || !world.users.has(value)) return false;
    world.consenting_user_id = value;
    return true;
  },
};

/** Body of `POST /sandbox/twitch/world`; an unknown or unfit field is refused by name, not ignored. */
export function mutateWorld(
  { user_id, ...changes }: Record<string, unknown>,
  world: TwitchWorld,
  limits: TwitchLimits,
): SandboxAnswer {
  const user = typeof user_id === 'string' ? world.users.get(user_id) : undefined;
  if (user_id !== undefined && !user)
    return answerError(400, `unknown user_id: ${String(user_id)}`);
  for (const [name, value] of Object.entries(changes)) {
    const forWorld = WORLD_SWITCHES[name];
    const forPerson = PERSON_SWITCHES[name];
    if (!forWorld && !forPerson) return answerError(400, `unknown field: ${name}`);
    if (!forWorld && !user) return answerError(400, `${name} needs a user_id`);
    const isTaken =
      forWorld?.(value, { world, limits }) ??
      (user && forPerson?.(value, { user, channel: world.channel(user.id), world, limits }));
    if (isTaken !== true) return answerError(400, `not a fit value: ${name}`);
  }
  return answerJson(200, { changed: Object.keys(changes) });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
