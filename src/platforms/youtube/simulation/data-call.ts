import { isRecord, type SandboxRequest } from '../../../sandbox/exchange.js';
import type { AccessToken } from './grants.js';
import type { Comment, LiveChat, Playlist, Video, YouTubeWorld } from './world.js';

/** YouTube's no: thrown by a call, answered as Google's error JSON. */
export class DataRefusal extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a call answers; nothing is a 204. */
export type DataResult = object | undefined;

/** One call of the API. */
export interface DataRoute {
  /** Any of these will do. */
  readonly scopes: readonly string[];
  /** What it takes of the quota. */
  readonly units: number;
  handle(call: DataCall): DataResult;
}

export type DataRoutes = Readonly<Record<string, DataRoute>>;

/** One authenticated request, with the checks that nearly every call makes. */
export class DataCall {
  #body: Fields | undefined;

  constructor(
    readonly request: SandboxRequest,
    readonly token: AccessToken,
    readonly world: YouTubeWorld,
  ) {}

  /** The channel behind the token. */
  get channelId(): string {
    return this.token.grant.channel_id;
  }

  get body(): Fields {
    return (this.#body ??= readBody(this.request.body));
  }

  readQuery(name: string): string | undefined {
    return this.request.query.get(name) || undefined;
  }

  requireQuery(name: string): string {
    const value = this.readQuery(name);
    if (value === undefined) {
      throw new DataRefusal(
        400,
        'missingRequiredParameter',
        `The request is missing a required parameter: ${name}`,
      );
    }
    return value;
  }

  /** A list may be one text with commas, or its name repeated. */
  readList(name: string): string[] {
    return this.request.query.getAll(name).flatMap((text) => text.split(',').filter(Boolean));
  }

  /** The parts of the answer, and of the body. */
  get parts(): ReadonlySet<string> {
    return new Set(this.readList('part'));
  }

  /** Refuses channels that may not stream. */
  requireStreaming(): void {
    if (this.world.channels.get(this.channelId)?.streaming_enabled) return;
    throw new DataRefusal(
      403,
      'liveStreamingNotEnabled',
      'The user that authorized the request is not enabled to stream live video on YouTube.',
    );
  }

  requireChat(id: string): LiveChat {
    const chat = this.world.chats.get(id);
    if (!chat) {
      throw new DataRefusal(
        404,
        'liveChatNotFound',
        'The live chat that you are trying to reach cannot be found.',
      );
    }
    return chat;
  }

  requireOpen(chat: LiveChat): void {
    if (chat.broadcast.life_cycle_status === 'complete')
      throw new DataRefusal(403, 'liveChatEnded', 'The specified live chat is no longer live.');
    if (!chat.enabled)
      throw new DataRefusal(
        403,
        'liveChatDisabled',
        'Live chat is not enabled for this broadcast.',
      );
  }

  requireVideo(id: string): Video {
    const video = this.world.videos.get(id);
    if (video) return video;
    throw new DataRefusal(
      404,
      'videoNotFound',
      'The video that you are trying to find cannot be found.',
    );
  }

  requirePlaylist(id: string): Playlist {
    const playlist = this.world.playlists.get(id);
    if (playlist) return playlist;
    throw new DataRefusal(404, 'playlistNotFound', 'The playlist identified cannot be found.');
  }

  requireComment(id: string, reason = 'commentNotFound'): Comment {
    const comment = this.world.comments.get(id);
    if (comment) return comment;
    throw new DataRefusal(404, reason, 'One or more of the specified comments cannot be found.');
  }

  /** Refuses a token of anybody but this channel. */
  requireSelf(channelId: string, message = 'The request is not properly authorized.'): void {
    if (channelId !== this.channelId) throw new DataRefusal(403, 'forbidden', message);
  }

  /** One page of a list, with the token of the next. */
  paginate<T>(items: readonly T[], largest: number, usual = 5): object {
    const size = Number(this.readQuery('maxResults') ?? usual);
    if (!Number.isInteger(size) || size < 0 || size > largest)
      throw new DataRefusal(400, 'invalidParameter', `maxResults must be from 0 to ${largest}`);
    const start = Number(/^page(\d+)$/.exec(this.readQuery('pageToken') ?? 'page0')?.[1] ?? NaN);
    if (Number.isNaN(start))
      throw new DataRefusal(
        400,
        'invalidPageToken',
        'The request specifies an invalid page token.',
      );
    const end = start + size;
    return {
      items: items.slice(start, end),
      pageInfo: { totalResults: items.length, resultsPerPage: size },
      ...(end < items.length && { nextPageToken: `page${end}` }),
    };
  }
}

/** The fields of a JSON object, each read with its type. */
export class Fields {
  constructor(readonly values: Readonly<Record<string, unknown>>) {}

  /** An object inside, empty when it is missing. */
  within(...path: readonly string[]): Fields {
    let inner: unknown = this.values;
    for (const name of path) inner = isRecord(inner) ? inner[name] : undefined;
    return new Fields(isRecord(inner) ? inner : {});
  }

  readText(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string')
      throw new DataRefusal(400, 'invalid', `Invalid value at "${name}" (TYPE_STRING)`);
    return value;
  }

  /** @param reason what YouTube says when it is missing */
  requireText(name: string, reason: string): string {
    const value = this.readText(name);
    if (!value) throw new DataRefusal(400, reason, `The ${name} property is required.`);
    return value;
  }

  /** A number; those of 64 bits travel as text. */
  readInteger(name: string): number | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0)
      throw new DataRefusal(400, 'invalid', `Invalid value at "${name}" (TYPE_UINT32)`);
    return number;
  }
}

function readBody(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new DataRefusal(400, 'parseError', 'Parse Error');
  }
  if (!isRecord(value)) throw new DataRefusal(400, 'parseError', 'The body must be an object');
  return new Fields(value);
}
