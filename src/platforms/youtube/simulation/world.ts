import { randomBytes } from 'node:crypto';

import type { Clock } from '../../../sandbox/exchange.js';
import { Shelf } from '../../../sandbox/shelf.js';
import type { LifeCycle, Stored, VideoSnippet } from './resources.js';
import {
  SEED_BRANDING,
  SEED_CAPTIONS,
  SEED_IMAGES,
  SEED_PLAYLISTS,
  SEED_SECTIONS,
  SEED_STREAMS,
  SEED_SUBSCRIPTIONS,
} from './seed-resources.js';
import { SEED_BROADCASTS, SEED_CHANNELS, SEED_COMMENTS, SEED_VIDEOS } from './seed.js';

export interface YouTubeChannel {
  readonly id: string;
  title: string;
  streaming_enabled: boolean;
  branding: {
    channel: Readonly<Record<string, unknown>>;
    image: Readonly<Record<string, unknown>>;
  };
  watermark?: { readonly bytes: number; readonly sha256: string; readonly timing: unknown };
}

/** The parts of a broadcast that are kept as they were sent. */
export interface BroadcastParts {
  snippet: Readonly<Record<string, unknown>>;
  status: Readonly<Record<string, unknown>>;
  contentDetails: Readonly<Record<string, unknown>>;
}

export const NO_PARTS: BroadcastParts = {
  snippet: { description: '', scheduledStartTime: '2026-01-01T00:00:00.000Z' },
  status: { privacyStatus: 'public', madeForKids: false, selfDeclaredMadeForKids: false },
  contentDetails: { enableDvr: true, recordFromStart: true, enableEmbed: true },
};

export interface Broadcast {
  readonly id: string;
  readonly channel_id: string;
  title: string;
  parts: BroadcastParts;
  stream_id: string | undefined;
  readonly live_chat_id: string;
  life_cycle_status: LifeCycle;
  /** Testing takes a monitor stream, and with one there is no way past the test. */
  monitor_enabled: boolean;
  /** The encoder sends. */
  stream_active: boolean;
  readonly cuepoints: { id: string; duration_seconds: number; at: number }[];
}

export interface ChatMessage {
  readonly id: string;
  readonly author_id: string;
  readonly text: string;
  readonly at: number;
  deleted_by?: string;
  readonly poll?: ChatPoll | undefined;
}

export interface ChatPoll {
  readonly question: string;
  readonly options: readonly string[];
  is_active: boolean;
}

export interface ChatBan {
  readonly id: string;
  readonly channel_id: string;
  /** null for good. */
  readonly end: number | null;
}

export interface LiveChat {
  readonly id: string;
  readonly broadcast: Broadcast;
  enabled: boolean;
  readonly messages: Map<string, ChatMessage>;
  readonly bans: Map<string, ChatBan>;
  /** Channel ids by the id of the role. */
  readonly moderators: Map<string, string>;
}

export interface Video {
  readonly id: string;
  readonly channel_id: string;
  snippet: VideoSnippet;
  comments_enabled: boolean;
  status: VideoStatus;
  /** Further parts, as they were sent. */
  readonly more: Record<string, unknown>;
  /** Of channels, by their ids. */
  readonly ratings: Map<string, string>;
  readonly reports: { readonly reason_id: string; readonly by: string }[];
  /** The hash of a picture of its own. */
  thumbnail?: string;
  file?: { readonly bytes: number; readonly sha256: string; readonly type: string };
  notify_subscribers?: boolean;
}

export interface VideoStatus {
  privacyStatus: string;
  readonly selfDeclaredMadeForKids: boolean;
  readonly publishAt?: string;
  readonly uploadStatus?: string;
  readonly license?: string;
  readonly embeddable?: boolean;
  readonly publicStatsViewable?: boolean;
  readonly madeForKids?: boolean;
  readonly containsSyntheticMedia?: boolean;
}

export interface Playlist {
  readonly id: string;
  readonly channel_id: string;
  title: string;
  description: string;
  privacy: string;
  language?: string | undefined;
  readonly items: { id: string; video_id: string; note?: string }[];
}

export interface Comment {
  readonly id: string;
  readonly video_id: string;
  readonly parent_id: string | null;
  readonly author_id: string;
  text: string;
  readonly at: number;
  moderation_status: string;
}

/** The simulated world of YouTube: everything that is not a token or a quota. */
export class YouTubeWorld {
  readonly channels = new Map<string, YouTubeChannel>();
  readonly broadcasts = new Map<string, Broadcast>();
  readonly chats = new Map<string, LiveChat>();
  readonly videos = new Map<string, Video>();
  readonly playlists = new Map<string, Playlist>();
  readonly comments = new Map<string, Comment>();
  readonly streams = new Shelf<Stored>(500, SEED_STREAMS);
  readonly captions = new Shelf<Stored>(500, SEED_CAPTIONS);
  readonly subscriptions = new Shelf<Stored>(500, SEED_SUBSCRIPTIONS);
  readonly sections = new Shelf<Stored>(500, SEED_SECTIONS);
  readonly images = new Shelf<Stored>(500, SEED_IMAGES);
  /** The addresses of banners that were uploaded. */
  readonly banners = new Set<string>();
  /** Authors whose comments are rejected unseen, below the channel that said so. */
  readonly rejected_authors = new Map<string, Set<string>>();
  consenting_channel_id: string = SEED_CHANNELS[0].id;

  constructor(readonly now: Clock) {
    for (const channel of SEED_CHANNELS) this.addChannel(channel);
    this.banners.add(SEED_BRANDING.image.bannerExternalUrl);
    Object.assign(this.channels.get(SEED_CHANNELS[0].id) ?? {}, { branding: SEED_BRANDING });
    for (const seed of SEED_BROADCASTS) {
      const chat = this.addBroadcast(seed);
      for (const message of seed.messages ?? [])
        chat.messages.set(message.id, {
          ...message,
          at: now() - message.age_ms,
          // A copy: what is ended here is not ended in the next world.
          ...(message.poll && { poll: { ...message.poll } }),
        });
      for (const channel_id of seed.moderators ?? [])
        chat.moderators.set(`moderator-${channel_id}`, channel_id);
      for (const ban of seed.bans ?? []) chat.bans.set(ban.id, { ...ban, end: null });
    }
    for (const video of SEED_VIDEOS) this.addVideo(video);
    for (const comment of SEED_COMMENTS)
      this.comments.set(comment.id, { ...comment, at: now(), moderation_status: 'published' });
    const [demo] = SEED_CHANNELS;
    for (const { id, title, items } of SEED_PLAYLISTS)
      this.addPlaylist(demo.id, title, '', 'public', id).items.push(...structuredClone(items));
  }

  addChannel({ id, title }: { id: string; title: string }): YouTubeChannel {
    const channel: YouTubeChannel = {
      id,
      title,
      streaming_enabled: true,
      branding: { channel: {}, image: {} },
    };
    this.channels.set(id, channel);
    return channel;
  }

  addBroadcast(given: {
    id: string;
    channel_id: string;
    title: string;
    life_cycle_status: LifeCycle;
  }): LiveChat {
    const { id, channel_id, title, life_cycle_status } = given;
    const broadcast: Broadcast = {
      id,
      channel_id,
      title,
      life_cycle_status,
      live_chat_id: `Cg0KC${Buffer.from(id).toString('base64url')}`,
      monitor_enabled: true,
      stream_active: true,
      cuepoints: [],
      parts: NO_PARTS,
      stream_id: undefined,
    };
    this.broadcasts.set(id, broadcast);
    const chat: LiveChat = {
      id: broadcast.live_chat_id,
      broadcast,
      enabled: true,
      messages: new Map(),
      bans: new Map(),
      moderators: new Map(),
    };
    this.chats.set(chat.id, chat);
    return chat;
  }

  addVideo({ id, channel_id, snippet }: Pick<Video, 'id' | 'channel_id' | 'snippet'>): Video {
    const video: Video = {
      id,
      channel_id,
      snippet: { ...snippet },
      comments_enabled: true,
      status: {
        privacyStatus: 'public',
        uploadStatus: 'processed',
        license: 'youtube',
        embeddable: true,
        publicStatsViewable: true,
        madeForKids: false,
        selfDeclaredMadeForKids: false,
      },
      more: {},
      ratings: new Map(),
      reports: [],
    };
    this.videos.set(id, video);
    return video;
  }

  addPlaylist(
    channelId: string,
    title: string,
    description: string,
    privacy: string,
    id = `PL${inventId(16)}`,
  ): Playlist {
    const playlist: Playlist = {
      id,
      channel_id: channelId,
      title,
      description,
      privacy,
      items: [],
    };
    this.playlists.set(id, playlist);
    return playlist;
  }

  nameChannel(id: string): string {
    return this.channels.get(id)?.title ?? id;
  }

  isOwner(channelId: string, chat: LiveChat): boolean {
    return chat.broadcast.channel_id === channelId;
  }

  /** Owners and moderators look after a chat. */
  moderates(channelId: string, chat: LiveChat): boolean {
    return this.isOwner(channelId, chat) || [...chat.moderators.values()].includes(channelId);
  }

  /** The ban that holds for a person now; those that ran out are gone. */
  findBan(channelId: string, chat: LiveChat): ChatBan | undefined {
    for (const [id, { end }] of chat.bans)
      if (end !== null && end <= this.now()) chat.bans.delete(id);
    return [...chat.bans.values()].find((ban) => ban.channel_id === channelId);
  }
}

/** An id in the alphabet of YouTube. */
export function inventId(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
