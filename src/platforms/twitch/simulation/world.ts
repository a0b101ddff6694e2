import { randomUUID } from 'node:crypto';

import type { Clock } from '../../../sandbox/exchange.js';
import { ApplicationState, ChannelState } from './channel-state.js';
import { SANDBOX_CLIENT } from './client.js';
import {
  GAMES,
  SEED_CHANNELS,
  SEED_POLL,
  SEED_PREDICTION,
  SEED_USERS,
  type SeedUser,
} from './seed.js';

export interface TwitchUser {
  readonly id: string;
  readonly login: string;
  readonly display_name: string;
  readonly created_at: string;
  broadcaster_type: '' | 'affiliate' | 'partner';
  phone_verified: boolean;
  /** Whether people this user never whispered may whisper first. */
  accepts_whispers: boolean;
}

export interface ChatEntry {
  readonly id: string;
  readonly kind: 'message' | 'announcement' | 'cleared';
  readonly sender_id: string;
  readonly text: string;
  readonly at: number;
  readonly color?: string;
  readonly reply_to?: string;
  deleted_by?: string;
}

/** `end` is null for a ban and a moment for a timeout. */
export interface Ban {
  readonly user_id: string;
  readonly moderator_id: string;
  readonly reason: string;
  readonly created: number;
  readonly end: number | null;
}

export interface Poll {
  readonly id: string;
  readonly title: string;
  readonly choices: readonly { readonly id: string; readonly title: string }[];
  readonly duration: number;
  readonly channel_points_voting_enabled: boolean;
  readonly channel_points_per_vote: number;
  readonly started: number;
  status: 'ACTIVE' | 'COMPLETED' | 'TERMINATED' | 'ARCHIVED';
  ended: number | null;
}

export interface Prediction {
  readonly id: string;
  readonly title: string;
  readonly outcomes: readonly { readonly id: string; readonly title: string }[];
  readonly prediction_window: number;
  readonly created: number;
  status: 'ACTIVE' | 'LOCKED' | 'RESOLVED' | 'CANCELED';
  winning_outcome_id: string | null;
  locked: number | null;
  ended: number | null;
}

export interface Clip {
  readonly id: string;
  readonly broadcaster_id: string;
  readonly creator_id: string;
  readonly title: string;
  readonly game_id: string;
  readonly duration: number;
  readonly created: number;
  /** Until then the clip is being made and no read finds it. */
  readonly ready: number;
}

interface Marker {
  readonly id: string;
  readonly description: string;
  readonly created: number;
  readonly position_seconds: number;
}

export interface Raid {
  readonly to_broadcaster_id: string;
  readonly created: number;
  cancelled: boolean;
}

export interface Whisper {
  readonly from_user_id: string;
  readonly to_user_id: string;
  readonly text: string;
  readonly at: number;
}

export interface TwitchChannel {
  readonly broadcaster_id: string;
  title: string;
  game_id: string;
  broadcaster_language: string;
  tags: string[];
  delay: number;
  content_labels: Set<string>;
  is_branded_content: boolean;
  live_since: number | null;
  vod_enabled: boolean;
  accepts_raids: boolean;
  clips_enabled: boolean;
  vip_slots: number;
  community_built: boolean;
  hold_next_message: boolean;
  pinned_message_id: string | null;
  readonly moderators: Set<string>;
  readonly vips: Set<string>;
  readonly editors: Set<string>;
  readonly bans: Map<string, Ban>;
  readonly messages: Map<string, ChatEntry>;
  readonly polls: Poll[];
  readonly predictions: Prediction[];
  readonly markers: Marker[];
  readonly raids: Raid[];
}

/** A raid waits this long for the broadcaster before it goes by itself. */
export const RAID_COUNTDOWN_MS = 90_000;

const KEPT_MESSAGES = 5_000;
const KEPT_CLIPS = 5_000;
const KEPT_OTHERS = 500;
const HOUR_MS = 3_600_000;

/** Everything Twitch would remember; each thing is kept up to a bound, so that benchmarks fit. */
export class TwitchWorld {
  readonly users = new Map<string, TwitchUser>();
  readonly channels = new Map<string, TwitchChannel>();
  readonly clips = new Map<string, Clip>();
  readonly whispers: Whisper[] = [];
  /** Colours of names in chats. */
  readonly colors = new Map<string, string>();
  /** What users say of themselves. */
  readonly descriptions = new Map<string, string>();
  readonly application: ApplicationState;
  readonly #states = new Map<string, ChannelState>();
  readonly games: ReadonlyMap<string, string> = GAMES;
  /** How long a clip is being made; unpublished, simulated. */
  clip_delay_ms = 1_500;
  /** Who answers the consent screen. */
  consenting_user_id = '1001';
  readonly #logins = new Map<string, TwitchUser>();
  readonly #whispered = new Set<string>();

  constructor(readonly now: Clock) {
    this.application = new ApplicationState(now);
    for (const user of SEED_USERS) this.addUser(user);
    for (const seed of SEED_CHANNELS) {
      const channel = this.channel(seed.broadcaster_id);
      channel.title = seed.title;
      channel.game_id = seed.game_id;
      channel.live_since = seed.live ? this.now() - HOUR_MS : null;
      channel.community_built = seed.community_built;
      for (const id of seed.moderators) channel.moderators.add(id);
      for (const id of seed.vips) channel.vips.add(id);
      for (const id of seed.banned) {
        this.ban(channel, { user_id: id, moderator_id: seed.broadcaster_id, reason: 'spam' });
      }
      for (const { id, sender_id, text, age_ms } of seed.messages) {
        this.say(channel, { id, kind: 'message', sender_id, text, at: this.now() - age_ms });
      }
    }
    const { broadcaster_id: asksPoll, ...poll } = SEED_POLL;
    this.channel(asksPoll).polls.push({
      ...poll,
      channel_points_voting_enabled: false,
      channel_points_per_vote: 0,
      started: this.now(),
      status: 'ACTIVE',
      ended: null,
    });
    const { broadcaster_id: asksPrediction, ...prediction } = SEED_PREDICTION;
    // They are in the future, so that the examples that end them succeed whenever they are tried.
    this.channel('1003').raids.push({
      to_broadcaster_id: '1001',
      created: this.now() + 24 * HOUR_MS,
      cancelled: false,
    });
    this.channel('1001').pinned_message_id = '5a6d0000-0000-4000-8000-000000000003';
    this.channel('1002').pinned_message_id = '5a6d0000-0000-4000-8000-000000000411';
    this.channel(asksPrediction).predictions.push({
      ...prediction,
      created: this.now(),
      status: 'ACTIVE',
      winning_outcome_id: null,
      locked: null,
      ended: null,
    });
  }

  addUser(seed: SeedUser): TwitchUser {
    const user: TwitchUser = {
      id: seed.id,
      login: seed.login,
      display_name: seed.display_name ?? seed.login,
      created_at: '2019-05-01T12:00:00Z',
      broadcaster_type: seed.broadcaster_type ?? '',
      phone_verified: seed.phone_verified ?? true,
      accepts_whispers: seed.accepts_whispers ?? true,
    };
    this.users.set(user.id, user);
    this.#logins.set(user.login, user);
    this.channels.set(user.id, openChannel(user.id));
    return user;
  }

  findByLogin(login: string): TwitchUser | undefined {
    return this.#logins.get(login.toLowerCase());
  }

  /** The user of an id that is known to exist. */
  user(id: string): TwitchUser {
    const user = this.users.get(id);
    if (!user) throw new Error(`the sandbox has no Twitch user ${id}`);
    return user;
  }

  /** The channel of a user that is known to exist. */
  channel(id: string): TwitchChannel {
    const channel = this.channels.get(id);
    if (!channel) throw new Error(`the sandbox has no Twitch channel ${id}`);
    return channel;
  }

  /** What a channel has besides its chat, its title and its votes; made when it is first asked for. */
  state(id: string): ChannelState {
    const known = this.#states.get(id);
    if (known) return known;
    const state = new ChannelState(id, this.now, SANDBOX_CLIENT.id);
    this.#states.set(id, state);
    return state;
  }

  gameName(id: string): string {
    return this.games.get(id) ?? '';
  }

  moderates(userId: string, channel: TwitchChannel): boolean {
    return userId === channel.broadcaster_id || channel.moderators.has(userId);
  }

  /** The ban or timeout a user has now; a timeout that is over is forgotten. */
  findBan(channel: TwitchChannel, userId: string): Ban | undefined {
    const ban = channel.bans.get(userId);
    if (!ban || ban.end === null || ban.end > this.now()) return ban;
    channel.bans.delete(userId);
    return undefined;
  }

  ban(
    channel: TwitchChannel,
    given: { user_id: string; moderator_id: string; reason: string; seconds?: number },
  ): Ban {
    const created = this.now();
    const { seconds, ...rest } = given;
    const end = seconds === undefined ? null : created + seconds * 1_000;
    const ban: Ban = { ...rest, created, end };
    channel.bans.set(ban.user_id, ban);
    return ban;
  }

  say(
    channel: TwitchChannel,
    entry: Omit<ChatEntry, 'id' | 'at'> & { id?: string; at?: number },
  ): ChatEntry {
    const said: ChatEntry = {
      ...entry,
      id: entry.id ?? randomUUID(),
      at: entry.at ?? this.now(),
    };
    channel.messages.set(said.id, said);
    forgetOldest(channel.messages, KEPT_MESSAGES);
    return said;
  }

  /** Only the newest poll can be running; it completes by the clock. */
  runningPoll(channel: TwitchChannel): Poll | undefined {
    const poll = channel.polls.at(-1);
    if (!poll || poll.status !== 'ACTIVE') return undefined;
    const end = poll.started + poll.duration * 1_000;
    if (end > this.now()) return poll;
    poll.status = 'COMPLETED';
    poll.ended = end;
    return undefined;
  }

  /** The newest prediction while it is open; its window locks it by the clock. */
  runningPrediction(channel: TwitchChannel): Prediction | undefined {
    const prediction = channel.predictions.at(-1);
    if (!prediction || (prediction.status !== 'ACTIVE' && prediction.status !== 'LOCKED'))
      return undefined;
    const locks = prediction.created + prediction.prediction_window * 1_000;
    if (prediction.status === 'ACTIVE' && locks <= this.now()) {
      prediction.status = 'LOCKED';
      prediction.locked = locks;
    }
    return prediction;
  }

  /** The raid that waits for its countdown. */
  pendingRaid(channel: TwitchChannel): Raid | undefined {
    const raid = channel.raids.at(-1);
    const pending = raid && !raid.cancelled && raid.created + RAID_COUNTDOWN_MS > this.now();
    return pending ? raid : undefined;
  }

  addClip(clip: Omit<Clip, 'created' | 'ready'>): Clip {
    const created = this.now();
    const made: Clip = { ...clip, created, ready: created + this.clip_delay_ms };
    this.clips.set(made.id, made);
    forgetOldest(this.clips, KEPT_CLIPS);
    return made;
  }

  whisper(whisper: Omit<Whisper, 'at'>): void {
    keepNewest(this.whispers, { ...whisper, at: this.now() });
    this.#whispered.add(`${whisper.from_user_id}>${whisper.to_user_id}`);
  }

  hasWhispered(from: string, to: string): boolean {
    return this.#whispered.has(`${from}>${to}`);
  }
}

/** Adds to a history that forgets its oldest entry when it is full. */
export function keepNewest<T>(history: T[], item: T): void {
  history.push(item);
  if (history.length > KEPT_OTHERS) history.shift();
}

function forgetOldest(entries: Map<string, unknown>, kept: number): void {
  if (entries.size <= kept) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}

function openChannel(id: string): TwitchChannel {
  return {
    broadcaster_id: id,
    title: '',
    game_id: '',
    broadcaster_language: 'en',
    tags: [],
    delay: 0,
    content_labels: new Set(),
    is_branded_content: false,
    live_since: null,
    vod_enabled: true,
    accepts_raids: true,
    clips_enabled: true,
    vip_slots: 10,
    community_built: true,
    hold_next_message: false,
    pinned_message_id: null,
    moderators: new Set(),
    vips: new Set(),
    editors: new Set(),
    bans: new Map(),
    messages: new Map(),
    polls: [],
    predictions: [],
    markers: [],
    raids: [],
  };
}
