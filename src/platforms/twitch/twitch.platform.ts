import { Injectable } from '@nestjs/common';
import { BLOCKED_MS, isAddressBlock } from '../../actions/address-block.js';
import {
  type Connecting,
  type ConsentRequest,
  type Credential,
  type Grant,
  type MissingSettings,
  type OAuth,
  type OAuthClient,
  type Platform,
  PlatformAdapter,
  type PlatformSettings,
  type TokenIdentity,
} from '../../actions/platform.js';
import { formatError } from '../../actions/error-text.js';
import { isObject } from '../../actions/json.js';
import type { Limit, LimitNews } from '../../actions/limit.js';
import type { PlatformAnswer, PlatformRequest, Refusal, WireRequest } from '../../actions/wire.js';
import { twitchActions } from './actions/index.js';
import { limitHelix, readHelix } from './limits.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The limit of a day, such as that of the recipients of whispers; when it is reset is unpublished. */
const OF_A_DAY = /\b(daily|(per|a|each) day)\b/i;

/** How Helix names a token that has ended, was revoked or never was; other 401s are about scopes and ids. */
const INVALID_TOKEN = /^invalid (oauth|access) token$/i;

/** Twitch, as its Helix API and its OAuth server describe themselves. */
@Injectable()
@PlatformAdapter()
export class TwitchPlatform implements Platform {
  readonly name = 'twitch';
  readonly title = 'Twitch';
  readonly groups = {
    lookups: 'Users, games and streams of all of Twitch',
    ads: 'Commercial breaks',
    audience: 'Followers, subscribers, goals, charity and hype trains',
    rewards: 'Channel point rewards and their redemptions',
    schedule: 'The schedule of streams',
    users: 'What a user decides for itself: description, blocks, extensions',
    eventsub: 'Subscriptions to events, and conduits',
    extensions: 'Drops, and products for bits',
    guest_star: 'Sessions with guests',
    chat: 'Messages, announcements and whispers',
    moderation: 'Bans, timeouts, deleted messages, moderators and VIPs',
    channel: 'Title, game, markers and clips',
    polls: 'Polls',
    predictions: 'Predictions',
    raids: 'Raids',
  };
  readonly actions = twitchActions;
  readonly costUnit = 'points';
  readonly choices = {
    user_id: { read: 'search_channels', value: 'id', label: 'name', search: 'query' },
    to_broadcaster_id: { read: 'search_channels', value: 'id', label: 'name', search: 'query' },
    game_id: { read: 'search_categories', value: 'id', label: 'name', search: 'query' },
    reward_id: { read: 'list_rewards', value: 'id', label: 'title' },
    poll_id: { read: 'list_polls', value: 'id', label: 'title' },
    prediction_id: { read: 'list_predictions', value: 'id', label: 'title' },
  };
  readonly limitNames = [
    'helix',
    'chat',
    'whisper',
    'announcement',
    'raid',
    'shoutout',
    'automod_check',
    'mod_add',
    'mod_remove',
    'vip_add',
    'vip_remove',
  ];
  readonly apiUrl: string;
  readonly oauth: OAuth;

  constructor(private readonly settings: PlatformSettings) {
    this.apiUrl = settings.apiUrl;
    this.oauth = new TwitchOAuth(settings);
  }

  /** Without an application no account can be connected and no call made. */
  ownCredential(): MissingSettings | undefined {
    const { clientId, clientSecret } = this.settings;
    const missing = [
      ...(clientId ? [] : ['TWITCH_CLIENT_ID']),
      ...(clientSecret ? [] : ['TWITCH_CLIENT_SECRET']),
    ];
    return missing.length > 0 ? { missing } : undefined;
  }

  /** Helix wants to know the client that the token was given to, and refuses any other. */
  authorize({ accessToken, clientId }: Credential): Record<string, string> {
    return {
      authorization: `Bearer ${accessToken}`,
      'client-id': clientId ?? this.settings.clientId,
    };
  }

  limitRequest(
    _request: PlatformRequest,
    { accountId, clientId }: Pick<Credential, 'accountId' | 'clientId'>,
    cost: number,
  ) {
    return limitHelix(clientId ?? this.settings.clientId, accountId, cost);
  }

  readLimits(answer: PlatformAnswer, limits: readonly Limit[]): LimitNews[] {
    return limits.flatMap(({ kind, bucket }) =>
      kind === 'learned' ? readHelix(answer, bucket) : [],
    );
  }

  /**
   * Helix errors are `{error, status, message}`; the message is for people and decides nothing.
   * @see https://dev.twitch.tv/docs/api/guide/#status-codes
   */
  readRefusal(answer: PlatformAnswer, now: number): Refusal {
    const { status, headers, body } = answer;
    const text = isObject(body) && typeof body['message'] === 'string' ? body['message'] : '';
    const name = isObject(body) && typeof body['error'] === 'string' ? body['error'] : '';
    const said = text || name || formatError(body);
    const message = `Twitch answered ${status}${said ? `: ${said}` : ''}`;
    const refuse = (code: Refusal['code'], more: Partial<Refusal> = {}): Refusal => ({
      code,
      message,
      happened: 'no',
      ...(name && { platformCode: name }),
      ...more,
    });
    const isOwnError = text !== '' || name !== '';
    if (isAddressBlock(answer, isOwnError))
      return refuse('RATE_LIMITED', {
        retryAfterMs: readSeconds(headers['retry-after']) ?? BLOCKED_MS,
        blocksAddress: true,
      });
    if (status === 429 && OF_A_DAY.test(text))
      return refuse('QUOTA_EXHAUSTED', {
        retryAfterMs: readSeconds(headers['retry-after']) ?? DAY,
      });
    if (status === 429) return refuse('RATE_LIMITED', { retryAfterMs: readReset(headers, now) });
    if (status === 404) return refuse('NOT_FOUND');
    if (status === 401 && INVALID_TOKEN.test(text))
      return refuse('REFUSED', { rejectsToken: true });
    if (status === 503) {
      const retryAfterMs = readSeconds(headers['retry-after']);
      return refuse('PLATFORM_DOWN', {
        happened: retryAfterMs === undefined ? 'maybe' : 'no',
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    }
    // Not Implemented: nothing was done, and nothing will be.
    if (status === 501) return refuse('REFUSED');
    if (status >= 500) return refuse('PLATFORM_DOWN', { happened: 'maybe' });
    return refuse('REFUSED');
  }
}

/** Ratelimit-Reset is a Unix time in seconds; an endpoint's own 429 carries none that helps. */
function readReset(headers: PlatformAnswer['headers'], now: number): number {
  const bucketIsEmpty = headers['ratelimit-remaining'] === '0';
  const reset = readSeconds(headers['ratelimit-reset']);
  const retryAfter = readSeconds(headers['retry-after']);
  if (retryAfter !== undefined) return retryAfter;
  if (bucketIsEmpty && reset !== undefined) return Math.min(60_000, Math.max(0, reset - now));
  return 2_000;
}

/** Seconds of a header as milliseconds; undefined for a date, for nothing and for nonsense. */
function readSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(\.\d+)?$/.test(text) ? Number(text) * 1_000 : undefined;
}

class TwitchOAuth implements OAuth {
  /** Twitch audits that applications validate the tokens they hold, hourly. */
  readonly validateEveryMs = HOUR;
  readonly connecting: Connecting;

  constructor(private readonly settings: PlatformSettings) {
    this.connecting = new TwitchConnecting(settings, (answer) => this.readValidation(answer));
  }

  /** @see https://dev.twitch.tv/docs/authentication/refresh-tokens/ */
  buildRefresh(refreshToken: string, client = readClient(this.settings)): WireRequest {
    return {
      method: 'POST',
      url: `${this.settings.authUrl}/token`,
      headers: {},
      body: new URLSearchParams({
        client_id: client.id,
        client_secret: client.secret,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      }),
    };
  }

  /** @see https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#client-credentials-grant-flow */
  buildAppGrant(): WireRequest {
    return {
      method: 'POST',
      url: `${this.settings.authUrl}/token`,
      headers: {},
      body: new URLSearchParams({
        client_id: this.settings.clientId,
        client_secret: this.settings.clientSecret,
        grant_type: 'client_credentials',
      }),
    };
  }

  readRefresh({ status, body }: PlatformAnswer): Grant | 'dead' | 'unclear' {
    if (status === 200 && isObject(body) && typeof body['access_token'] === 'string') {
      const { access_token, refresh_token, expires_in, scope } = body;
      return {
        accessToken: access_token as string,
        refreshToken: typeof refresh_token === 'string' ? refresh_token : undefined,
        expiresIn: typeof expires_in === 'number' ? expires_in : undefined,
        scopes: Array.isArray(scope) ? scope.map(String) : undefined,
      };
    }
    // 400 and 401 both mean that the person has to connect again, unless it is about our client: a
    // wrong client id in the configuration must not cost a single account its grant. What is not
    // Twitch's own error says nothing about the grant.
    if (status !== 400 && status !== 401) return 'unclear';
    const message = readOwnError({ status, body });
    return message === undefined || /\bclient\b/i.test(message) ? 'unclear' : 'dead';
  }

  /** @see https://dev.twitch.tv/docs/authentication/validate-tokens/ */
  buildValidation(accessToken: string): WireRequest {
    return buildValidation(this.settings, accessToken);
  }

  readValidation({ status, body }: PlatformAnswer): TokenIdentity | 'invalid' | 'unclear' {
    if (status === 401) return readOwnError({ status, body }) === undefined ? 'unclear' : 'invalid';
    if (status !== 200 || !isObject(body) || typeof body['user_id'] !== 'string') return 'unclear';
    return {
      accountId: body['user_id'],
      login: String(body['login'] ?? ''),
      scopes: Array.isArray(body['scopes']) ? body['scopes'].map(String) : [],
      expiresIn: typeof body['expires_in'] === 'number' ? body['expires_in'] : undefined,
    };
  }
}

/** The authorization code grant flow; Twitch has no PKCE for clients that keep a secret. */
class TwitchConnecting implements Connecting {
  readonly usesPkce = false;
  /** Whose a token is, `/validate` says of any. */
  readonly identityScopes = [];

  constructor(
    private readonly settings: PlatformSettings,
    readonly readIdentification: Connecting['readIdentification'],
  ) {}

  /** @see https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#authorization-code-grant-flow */
  buildConsentUrl({ state, redirectUri, scopes }: ConsentRequest): string {
    const url = new URL(`${this.settings.authUrl}/authorize`);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.settings.clientId,
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state,
      // Without it, a person who said yes before is not asked, and cannot choose another account.
      force_verify: 'true',
    }).toString();
    return url.href;
  }

  buildExchange({ code, redirectUri }: { code: string; redirectUri: string }): WireRequest {
    return {
      method: 'POST',
      url: `${this.settings.authUrl}/token`,
      headers: {},
      body: new URLSearchParams({
        client_id: this.settings.clientId,
        client_secret: this.settings.clientSecret,
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
      }),
    };
  }

  /** @see https://dev.twitch.tv/docs/authentication/revoke-tokens/ */
  buildRevocation(token: string, client = readClient(this.settings)): WireRequest {
    return {
      method: 'POST',
      url: `${this.settings.authUrl}/revoke`,
      headers: {},
      body: new URLSearchParams({ client_id: client.id, token }),
    };
  }

  buildIdentification(accessToken: string): WireRequest {
    return buildValidation(this.settings, accessToken);
  }
}

/** The message of an error of Twitch's OAuth server, `{status, message}`; undefined for any other answer. */
function readOwnError({ status, body }: Pick<PlatformAnswer, 'status' | 'body'>) {
  if (!isObject(body) || body['status'] !== status) return undefined;
  const { message } = body;
  return typeof message === 'string' && message !== '' ? message : undefined;
}

function readClient({ clientId, clientSecret }: PlatformSettings): OAuthClient {
  return { id: clientId, secret: clientSecret };
}

function buildValidation({ authUrl }: PlatformSettings, accessToken: string): WireRequest {
  return {
    method: 'GET',
    url: `${authUrl}/validate`,
    headers: { authorization: `OAuth ${accessToken}` },
  };
}
