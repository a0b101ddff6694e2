import type { Clock } from '../../../sandbox/exchange.js';
import { Shelf } from '../../../sandbox/shelf.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const seedId = (last: number): string => `5a6d0000-0000-4000-8000-000000000${last}`;

export interface Reward {
  readonly id: string;
  /** The application that made it; only that one may change it. */
  readonly client_id: string;
  title: string;
  prompt: string;
  cost: number;
  background_color: string;
  is_enabled: boolean;
  is_paused: boolean;
  is_user_input_required: boolean;
  should_redemptions_skip_request_queue: boolean;
  is_max_per_stream_enabled: boolean;
  max_per_stream: number;
  is_max_per_user_per_stream_enabled: boolean;
  max_per_user_per_stream: number;
  is_global_cooldown_enabled: boolean;
  global_cooldown_seconds: number;
}

export interface Redemption {
  readonly id: string;
  readonly reward_id: string;
  readonly user_id: string;
  readonly user_input: string;
  readonly redeemed: number;
  status: 'UNFULFILLED' | 'FULFILLED' | 'CANCELED';
}

export interface UnbanRequest {
  readonly id: string;
  readonly user_id: string;
  readonly text: string;
  readonly created: number;
  status: string;
  moderator_id: string;
  resolved: number | null;
  resolution_text: string;
}

export interface ScheduleSegment {
  readonly id: string;
  start: number;
  minutes: number;
  title: string;
  category_id: string;
  readonly is_recurring: boolean;
  is_canceled: boolean;
}

interface GuestSlot {
  user_id: string;
  assigned: number;
  is_live: boolean;
  is_audio_enabled: boolean;
  is_video_enabled: boolean;
  volume: number;
}

export interface GuestSession {
  readonly id: string;
  readonly slots: Map<string, GuestSlot>;
  readonly invites: Map<string, number>;
}

export interface Video {
  readonly id: string;
  readonly title: string;
  readonly type: 'archive' | 'highlight' | 'upload';
  readonly created: number;
  readonly seconds: number;
}

export const AUTOMOD_LEVELS = [
  'aggression',
  'bullying',
  'disability',
  'misogyny',
  'race_ethnicity_or_religion',
  'sex_based_terms',
  'sexuality_sex_or_gender',
  'swearing',
] as const;

export interface ChatSettings {
  emote_mode: boolean;
  follower_mode: boolean;
  follower_mode_duration: number;
  non_moderator_chat_delay: boolean;
  non_moderator_chat_delay_duration: number;
  slow_mode: boolean;
  slow_mode_wait_time: number;
  subscriber_mode: boolean;
  unique_chat_mode: boolean;
}

/** Who pinned the message of a chat, and until when. */
export interface Pin {
  readonly message_id: string;
  readonly moderator_id: string;
  readonly started: number;
  ends: number | null;
  updated: number;
}

/** What a channel has besides its chat, its title and its votes. */
export class ChannelState {
  readonly rewards: Shelf<Reward>;
  readonly redemptions: Shelf<Redemption>;
  readonly unbanRequests: Shelf<UnbanRequest>;
  readonly blockedTerms: Shelf<{ id: string; text: string; moderator_id: string; created: number }>;
  readonly heldMessages: Shelf<{ id: string; sender_id: string; text: string }>;
  readonly videos: Shelf<Video>;
  readonly segments: Shelf<ScheduleSegment>;
  readonly warnings: { user_id: string; moderator_id: string; reason: string; at: number }[] = [];
  readonly suspicious: Map<string, { status: string; moderator_id: string; updated: number }>;
  readonly followers: Map<string, number>;
  readonly subscribers: Map<string, string>;
  readonly blocks = new Set<string>();
  readonly shoutouts: string[] = [];
  readonly extensions: Record<'panel' | 'overlay' | 'component', Record<string, unknown>> = {
    panel: {},
    overlay: {},
    component: {},
  };
  chat: ChatSettings = {
    emote_mode: false,
    follower_mode: false,
    follower_mode_duration: 0,
    non_moderator_chat_delay: false,
    non_moderator_chat_delay_duration: 2,
    slow_mode: false,
    slow_mode_wait_time: 30,
    subscriber_mode: false,
    unique_chat_mode: false,
  };
  automod: Record<string, number> = Object.fromEntries(AUTOMOD_LEVELS.map((name) => [name, 1]));
  shield: { is_active: boolean; moderator_id: string; last: number | null } = {
    is_active: false,
    moderator_id: '',
    last: null,
  };
  ads: { snoozes: number; next: number; last: number };
  vacation: { start: number; end: number } | null = null;
  timezone = 'UTC';
  guests: {
    session: GuestSession | null;
    settings: Record<string, unknown>;
  };
  pin: Pin | null = null;

  constructor(id: string, now: Clock, clientId: string) {
    const seed = id === '1001';
    const reward = (last: number, title: string, cost: number): Reward => ({
      id: seedId(last),
      client_id: clientId,
      title,
      prompt: '',
      cost,
      background_color: '#9147FF',
      is_enabled: true,
      is_paused: false,
      is_user_input_required: false,
      should_redemptions_skip_request_queue: false,
      is_max_per_stream_enabled: false,
      max_per_stream: 0,
      is_max_per_user_per_stream_enabled: false,
      max_per_user_per_stream: 0,
      is_global_cooldown_enabled: false,
      global_cooldown_seconds: 0,
    });
    this.rewards = new Shelf(
      50,
      seed ? [reward(301, 'Hydrate', 100), reward(303, 'Stretch', 200)] : [],
    );
    const redeemed = (last: number, user_id: string): Redemption => ({
      id: seedId(last),
      reward_id: seedId(301),
      user_id,
      user_input: '',
      redeemed: now() - HOUR_MS,
      status: 'UNFULFILLED',
    });
    this.redemptions = new Shelf(500, seed ? [redeemed(321, '2001'), redeemed(322, '2001')] : []);
    const asks = (last: number, user_id: string): UnbanRequest => ({
      id: seedId(last),
      user_id,
      text: 'Sorry!',
      created: now() - HOUR_MS,
      status: 'pending',
      moderator_id: '',
      resolved: null,
      resolution_text: '',
    });
    this.unbanRequests = new Shelf(500, seed ? [asks(611, '2007'), asks(612, '2008')] : []);
    const term = (last: number, text: string) => ({
      id: seedId(last),
      text,
      moderator_id: id,
      created: now() - DAY_MS,
    });
    this.blockedTerms = new Shelf(
      1_000,
      seed ? [term(622, 'cheap viewers'), term(623, 'buy viewers')] : [],
    );
    this.heldMessages = new Shelf(
      500,
      seed ? [{ id: seedId(601), sender_id: '2004', text: 'is this fine?' }] : [],
    );
    const video = (videoId: string, title: string): Video => ({
      id: videoId,
      title,
      type: 'archive',
      created: now() - DAY_MS,
      seconds: 3_600,
    });
    this.videos = new Shelf(
      500,
      seed ? [video('335921245', 'First stream'), video('335921246', 'Second stream')] : [],
    );
    const segment = (segmentId: string, days: number): ScheduleSegment => ({
      id: segmentId,
      start: now() + days * DAY_MS,
      minutes: 120,
      title: 'Sunday stream',
      category_id: '509658',
      is_recurring: true,
      is_canceled: false,
    });
    this.segments = new Shelf(
      100,
      seed ? [segment('demo-segment-1', 1), segment('demo-segment-2', 3)] : [],
    );
    this.suspicious = new Map(
      seed ? [['2010', { status: 'RESTRICTED', moderator_id: id, updated: now() }]] : [],
    );
    this.followers = new Map(
      seed
        ? [
            ['2001', now() - DAY_MS],
            ['2003', now() - 2 * DAY_MS],
          ]
        : [],
    );
    this.subscribers = new Map(seed ? [['2003', '1000']] : []);
    this.ads = { snoozes: 3, next: now() + HOUR_MS, last: now() - HOUR_MS };
    this.guests = { session: openSession(id, now), settings: {} };
  }
}

/** The state as JSON, for people and tests. */
export function describeState(state: ChannelState): Record<string, unknown> {
  return {
    rewards: state.rewards.list(),
    redemptions: state.redemptions.list(),
    chat_settings: state.chat,
    pin: state.pin,
    shield_mode: state.shield.is_active,
    automod: state.automod,
    blocked_terms: state.blockedTerms.list(),
    held_messages: state.heldMessages.list(),
    unban_requests: state.unbanRequests.list(),
    suspicious_users: Object.fromEntries(state.suspicious),
    warnings: state.warnings.slice(-50),
    shoutouts: state.shoutouts.slice(-50),
    schedule: state.segments.list(),
    vacation: state.vacation,
    videos: state.videos.list(),
    ads: state.ads,
    blocks: [...state.blocks],
    guest_star_session: state.guests.session && {
      id: state.guests.session.id,
      slots: Object.fromEntries(state.guests.session.slots),
      invited: [...state.guests.session.invites.keys()],
    },
  };
}

const slot = (user_id: string, now: Clock): GuestSlot => ({
  user_id,
  assigned: now(),
  is_live: false,
  is_audio_enabled: true,
  is_video_enabled: true,
  volume: 100,
});

/** Guest Star has a session from the start in two channels, for the examples. */
function openSession(id: string, now: Clock): GuestSession | null {
  if (id === '1004') return { id: 'demo-session-2', slots: new Map(), invites: new Map() };
  if (id !== '1001') return null;
  return {
    id: 'demo-session',
    slots: new Map([
      ['1', slot('2001', now)],
      ['4', slot('2007', now)],
      ['5', slot('2009', now)],
    ]),
    invites: new Map([
      ['2005', now()],
      ['2008', now()],
    ]),
  };
}

export { slot as openSlot };

function openConduit(last: number) {
  return { id: seedId(last), shards: new Map<string, Record<string, unknown>>(), count: 1 };
}

export interface EventSubscription {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly condition: Record<string, unknown>;
  readonly transport: Record<string, unknown>;
  readonly created: number;
  readonly status: string;
}

/** What belongs to the application, and to no channel. */
export class ApplicationState {
  readonly conduits: Shelf<{
    id: string;
    shards: Map<string, Record<string, unknown>>;
    count: number;
  }>;
  readonly subscriptions: Shelf<EventSubscription>;
  readonly entitlements = new Shelf(500, [
    {
      id: seedId(521),
      benefit_id: 'demo-benefit',
      user_id: '2001',
      game_id: '509658',
      fulfillment_status: 'CLAIMED',
    },
  ]);
  readonly products = new Map<string, Record<string, unknown>>();

  constructor(now: Clock) {
    this.conduits = new Shelf(5, [openConduit(502), openConduit(503)]);
    const about = (last: number, type: string): EventSubscription => ({
      id: seedId(last),
      type,
      version: '1',
      condition: { broadcaster_user_id: '1001' },
      transport: { method: 'conduit', conduit_id: seedId(502) },
      created: now(),
      status: 'enabled',
    });
    this.subscriptions = new Shelf(10_000, [
      about(512, 'stream.offline'),
      about(513, 'channel.update'),
    ]);
  }
}
