import {
  readNewGrant,
  readObject,
  type HelpLine,
  answerError,
  answerJson,
  type BodySink,
  type Clock,
  describeUnsimulated,
  readTokens,
  type PlatformSimulation,
  type SandboxAnswer,
  type SandboxHead,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import type { Markup } from '../../../sandbox/html.js';
import { answerData } from './data.js';
import { describeWorld, renderWorld } from './display.js';
import type { Revocations } from '../../../sandbox/revocations.js';
import { GoogleGrants } from './grants.js';
import { answerOauth } from './oauth.js';
import { DAILY_SEARCHES, DAILY_UPLOADS, Quota } from './quota.js';
import { YOUTUBE_SCOPES } from './scopes.js';
import { Uploads } from './uploads.js';
import { mutateWorld } from './world-control.js';
import { YouTubeWorld } from './world.js';

const API = '/v3';
const OAUTH = '/oauth2';
const UPLOADS = '/youtube/v3/';

/** YouTube: its Data API below `/youtube/v3`, uploads below `/upload/youtube/v3`, Google's OAuth below `/youtube/oauth2`. */
export class YouTubeSimulation implements PlatformSimulation {
  readonly help: readonly HelpLine[] = [
    ['GET /sandbox/youtube/scopes', 'the scopes that YouTube has'],
    [
      'POST /sandbox/youtube/grants',
      '{"channel_id","scopes","expires_in"}: tokens without a browser',
    ],
    ['POST /sandbox/youtube/restore-grant', 'a grant from before a restart'],
    ['POST /sandbox/youtube/expire', '{"channel_id"}: ends the access tokens'],
    ['POST /sandbox/youtube/revoke-grant', '{"channel_id"}: the person takes the grants back'],
    ['POST /sandbox/youtube/world', '{"quota_used","broadcasts",…}: changes YouTube'],
    ['POST /sandbox/youtube/channels', '{"id","title"}: adds a channel'],
    ['POST /sandbox/youtube/lose-uploads', '{"channel_id"}: forgets unfinished uploads'],
  ];
  readonly name = 'youtube';
  /** Google's address for uploads begins with another word. */
  readonly mounts = ['upload'];
  readonly #uploads = new Uploads();
  readonly #uploadQuota: Quota;
  readonly #grants: GoogleGrants;
  readonly #quota: Quota;
  readonly #searchQuota: Quota;
  #world: YouTubeWorld;

  constructor(
    private readonly now: Clock,
    revocations?: Revocations,
  ) {
    this.#grants = new GoogleGrants(now, revocations);
    this.#quota = new Quota(now);
    this.#uploadQuota = new Quota(now, DAILY_UPLOADS);
    this.#searchQuota = new Quota(now, DAILY_SEARCHES);
    this.#world = new YouTubeWorld(now);
  }

  answer(request: SandboxRequest): SandboxAnswer {
    if (request.path.startsWith(`${API}/`))
      return answerData({ ...request, path: request.path.slice(API.length) }, this.#room);
    if (request.path.startsWith(`${OAUTH}/`))
      return answerOauth({ ...request, path: request.path.slice(OAUTH.length) }, this.#room);
    if (request.path.startsWith(UPLOADS)) return this.#uploads.begin(request, this.#room);
    return answerError(501, describeUnsimulated(request.method, `/youtube${request.path}`));
  }

  /** Files are as long as they please, and are taken as they come. */
  takeBody(head: SandboxHead): BodySink | undefined {
    return head.path.startsWith(UPLOADS) ? this.#uploads.take(head, this.#room) : undefined;
  }

  control(request: SandboxRequest): SandboxAnswer | undefined {
    const route = `${request.method} ${request.path}`;
    if (route === 'GET /scopes') return answerJson(200, { scopes: YOUTUBE_SCOPES });
    if (request.method !== 'POST') return undefined;
    const body = readObject(request.body || '{}');
    if (!body) return answerError(400, 'the body must be a JSON object');
    switch (route) {
      case 'POST /grants':
        return this.#openGrant(body);
      case 'POST /restore-grant':
        return this.#restoreGrant(body);
      case 'POST /expire':
        return this.#forChannel(body, (id) => ({ expired: this.#grants.expire(id) }));
      case 'POST /revoke-grant':
        return this.#forChannel(body, (id) => ({ revoked: this.#grants.revoke(id) }));
      case 'POST /lose-uploads':
        return this.#forChannel(body, (id) => ({ lost: this.#uploads.lose(id) }));
      case 'POST /world':
        return mutateWorld(body, this.#room);
      case 'POST /channels':
        return this.#addChannel(body);
      default:
        return undefined;
    }
  }

  describe(): Record<string, unknown> {
    return describeWorld(this.#room, this.#uploads.list());
  }

  render(): Markup {
    return renderWorld(this.#room);
  }

  reset({ keepGrants }: { keepGrants: boolean }): void {
    this.#world = new YouTubeWorld(this.now);
    this.#quota.clear();
    this.#uploadQuota.clear();
    this.#searchQuota.clear();
    this.#uploads.clear();
    if (!keepGrants) {
      this.#grants.clear();
      return;
    }
    // Channels that were added by hand are gone from the world, and so is their consent.
    for (const { channel_id } of this.#grants.list())
      if (!this.#world.channels.has(channel_id)) this.#grants.revoke(channel_id);
  }

  get #room() {
    return {
      world: this.#world,
      grants: this.#grants,
      quota: this.#quota,
      uploadQuota: this.#uploadQuota,
      searchQuota: this.#searchQuota,
    };
  }

  /** `{channel_id, scopes, expires_in?}` → `{access_token, refresh_token, expires_in, scope, channel_id}`. */
  #openGrant(body: Record<string, unknown>): SandboxAnswer {
    const given = readNewGrant(body, YOUTUBE_SCOPES);
    if (typeof given === 'string') return answerError(400, given);
    return this.#forChannel(body, (channel_id) => {
      const token = this.#grants.open(channel_id, given.scopes, given.expires_in);
      return {
        access_token: token.value,
        refresh_token: token.grant.refresh_token,
        expires_in: token.expires_in,
        scope: token.grant.scopes.join(' '),
        channel_id,
      };
    });
  }

  /** `{channel_id, scopes, access_token, refresh_token?, expires_in}` → `{result}`: a grant from before a restart. */
  #restoreGrant(body: Record<string, unknown>): SandboxAnswer {
    const tokens = readTokens(body);
    if (typeof tokens === 'string') return answerError(400, tokens);
    return this.#forChannel(body, (channel_id) => ({
      result: this.#grants.restore({ channel_id, ...tokens }),
    }));
  }

  /** `{id, title, live?}` → the ids of its broadcast, chat, video and playlist; for tests side by side. */
  #addChannel({ id, title, live = true }: Record<string, unknown>): SandboxAnswer {
    if (typeof id !== 'string' || !/^UC[\w-]{1,60}$/.test(id) || this.#world.channels.has(id))
      return answerError(400, 'id must be a new channel id, which begins with UC');
    if (typeof title !== 'string') return answerError(400, 'title must be text');
    const key = id.slice(2);
    this.#world.addChannel({ id, title });
    const chat = this.#world.addBroadcast({
      id: `cast-${key}`,
      channel_id: id,
      title: `${title} on air`,
      life_cycle_status: live === true ? 'live' : 'ready',
    });
    const snippet = {
      title: `${title}, the film`,
      description: 'As it was',
      categoryId: '20',
      tags: ['one', 'two'],
      defaultLanguage: 'en',
    };
    const video = this.#world.addVideo({ id: `vid-${key}`, channel_id: id, snippet });
    const playlist = this.#world.addPlaylist(id, 'Best of', '', 'public', `PL${key}`);
    return answerJson(200, {
      channel_id: id,
      broadcast_id: chat.broadcast.id,
      live_chat_id: chat.id,
      video_id: video.id,
      playlist_id: playlist.id,
    });
  }

  #forChannel(
    { channel_id }: Record<string, unknown>,
    act: (channelId: string) => object,
  ): SandboxAnswer {
    const channel =
      typeof channel_id === 'string' ? this.#world.channels.get(channel_id) : undefined;
    return channel
      ? answerJson(200, act(channel.id))
      : answerError(404, `no such channel: ${String(channel_id)}`);
  }
}
