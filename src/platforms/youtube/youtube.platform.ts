import { Injectable } from '@nestjs/common';
import { BLOCKED_MS, isAddressBlock } from '../../actions/address-block.js';
import type { FailureCode } from '../../actions/failures.js';
import { formatError } from '../../actions/error-text.js';
import { isObject } from '../../actions/json.js';
import type { Limit, LimitNews } from '../../actions/limit.js';
import {
  type Credential,
  type GoogleSettings,
  type MissingSettings,
  type OAuth,
  type Platform,
  PlatformAdapter,
} from '../../actions/platform.js';
import type { PlatformAnswer, PlatformRequest, Refusal } from '../../actions/wire.js';
import { youtubeActions } from './actions/index.js';
import { GoogleOAuth } from './google-oauth.js';
import { countToQuotaReset, limitQuota } from './quota.js';

/** YouTube, as its Data API describes itself. */
@Injectable()
@PlatformAdapter()
export class YouTubePlatform implements Platform {
  readonly name = 'youtube';
  readonly title = 'YouTube';
  readonly groups = {
    chat: 'Live chat: messages, bans and moderators',
    video: 'Uploads, titles and descriptions of videos',
    playlist: 'Playlists',
    broadcast: 'The status of broadcasts, and ad breaks',
    comment: 'Comments',
    account: 'The account itself',
    community: 'Community posts',
  };
  readonly actions = youtubeActions;
  readonly costUnit = 'quota units';
  readonly choices = {
    playlist_id: { read: 'list_playlists', value: 'id', label: 'title' },
    video_id: { read: 'list_videos', value: 'id', label: 'title' },
    broadcast_id: { read: 'list_broadcasts', value: 'id', label: 'title' },
    stream_id: { read: 'list_streams', value: 'id', label: 'title' },
    category_id: { read: 'list_categories', value: 'id', label: 'title' },
  };
  readonly limitNames = ['units', 'uploads', 'searches', 'account'];
  readonly dailyQuota: Platform['dailyQuota'];
  readonly exampleAccount = 'UCsandboxDemoChannel0001';
  readonly apiUrl: string;
  readonly oauth: OAuth;

  constructor(private readonly settings: GoogleSettings) {
    this.apiUrl = settings.apiUrl;
    this.dailyQuota = { bucketPrefix: 'youtube:units:', units: settings.quota.daily };
    this.oauth = new GoogleOAuth(settings);
  }

  /** Without an application no account can be connected and no token renewed. */
  ownCredential(): MissingSettings | undefined {
    const { clientId, clientSecret } = this.settings;
    const missing = [
      ...(clientId ? [] : ['YOUTUBE_CLIENT_ID']),
      ...(clientSecret ? [] : ['YOUTUBE_CLIENT_SECRET']),
    ];
    return missing.length > 0 ? { missing } : undefined;
  }

  authorize({ accessToken }: Credential): Record<string, string> {
    return { authorization: `Bearer ${accessToken}` };
  }

  /** The quota is the project's; how many messages a person may send in a while is unpublished. */
  limitRequest(
    request: PlatformRequest,
    { accountId, clientId }: Pick<Credential, 'accountId' | 'clientId'>,
    cost: number,
  ) {
    const project = clientId ?? this.settings.clientId;
    return limitQuota(request, { project, accountId, cost }, this.settings.quota);
  }

  /** YouTube's word on a spent quota overrides our count: of the project, or of one account. */
  readLimits({ body }: PlatformAnswer, limits: readonly Limit[]): LimitNews[] {
    const whose = findSpent(readError(body));
    if (whose === undefined) return [];
    return limits.flatMap(({ account, bucket }) =>
      (account === undefined) === (whose === 'project') ? [{ bucket, kind: 'spent' }] : [],
    );
  }

  /**
   * Google's errors are `{error: {code, message, errors: [{reason, …}], status?}}`; the first reason
   * decides, the message is for people.
   * @see https://developers.google.com/youtube/v3/docs/errors
   */
  readRefusal(answer: PlatformAnswer, now: number): Refusal {
    const { status, headers, body } = answer;
    const { reason, said } = readError(body);
    const told = said || reason || formatError(body);
    const refuse = (code: FailureCode, more: Partial<Refusal> = {}): Refusal => ({
      code,
      message: `YouTube answered ${status}${told ? `: ${told}` : ''}`,
      happened: 'no',
      ...(reason && { platformCode: reason }),
      ...more,
    });
    const retryAfterMs = readSeconds(headers['retry-after']);
    const wait = retryAfterMs !== undefined && { retryAfterMs };
    if (isAddressBlock(answer, said !== '' || reason !== ''))
      return refuse('RATE_LIMITED', {
        retryAfterMs: retryAfterMs ?? BLOCKED_MS,
        blocksAddress: true,
      });
    if (findSpent({ reason, said }) !== undefined)
      return refuse('QUOTA_EXHAUSTED', { retryAfterMs: countToQuotaReset(now) });
    if (status === 429)
      return refuse('RATE_LIMITED', { retryAfterMs: retryAfterMs ?? TOO_MANY_MS });
    if (PACED.has(reason)) return refuse('RATE_LIMITED', { ...wait });
    // Playlists answer so to changes that come too fast; that nothing happened is unverified.
    if (status === 409 && reason === 'SERVICE_UNAVAILABLE')
      return refuse('PLATFORM_DOWN', { ...wait });
    // Not Implemented: nothing was done, and nothing will be.
    if (status === 501) return refuse('REFUSED');
    if (status >= 500 || BROKEN.has(reason)) {
      const isPromise = status === 503 && retryAfterMs !== undefined;
      return refuse('PLATFORM_DOWN', { happened: isPromise ? 'no' : 'maybe', ...wait });
    }
    if (status === 401 && reason !== 'youtubeSignupRequired')
      return refuse('RECONNECT_ACCOUNT', reason === INVALID_TOKEN ? { rejectsToken: true } : {});
    if (status === 404 || reason.endsWith('NotFound')) return refuse('NOT_FOUND');
    return refuse('REFUSED');
  }
}

/** After a 429 that names no time; YouTube publishes none, and its earlier client waited so long. */
const TOO_MANY_MS = 60_000;

/** Reasons that are about the quota of the project's day. */
const SPENT: ReadonlySet<string> = new Set([
  'quotaExceeded',
  'dailyLimitExceeded',
  'dailyLimitExceededUnreg',
]);
/** Reasons that are about what one account may do in a day. */
const SPENT_BY_ACCOUNT: ReadonlySet<string> = new Set([
  'uploadLimitExceeded',
  'userDailyLimitExceeded',
]);
/** How a limit is named that lasts for a day, such as "limit 'Video Uploads per day'". */
const OF_A_DAY = /\b(daily|per day|(?:a|each) day)\b/i;
const OF_A_USER =
  /\bper day per (user|channel|account)\b|\bdaily .*\bper (user|channel|account)\b/i;
const TOLD_IN_WORDS: ReadonlySet<string> = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'RESOURCE_EXHAUSTED',
]);

/** Whose limit of a day an error says is spent; undefined for any other error. */
function findSpent({
  reason,
  said,
}: {
  readonly reason: string;
  readonly said: string;
}): 'project' | 'account' | undefined {
  if (SPENT_BY_ACCOUNT.has(reason)) return 'account';
  if (SPENT.has(reason)) return 'project';
  if (!TOLD_IN_WORDS.has(reason) || !OF_A_DAY.test(said)) return undefined;
  return reason.startsWith('user') || OF_A_USER.test(said) ? 'account' : 'project';
}
const PACED: ReadonlySet<string> = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'userRequestsExceedRateLimit',
]);
/** The reason of a token that has ended or was revoked. */
const INVALID_TOKEN = 'authError';
const BROKEN: ReadonlySet<string> = new Set(['backendError', 'internalError']);

/** The reason and the words of an error; both empty where it is none of Google's. */
function readError(body: unknown): { readonly reason: string; readonly said: string } {
  const error = isObject(body) ? body['error'] : undefined;
  if (!isObject(error)) return { reason: '', said: '' };
  const { errors, message, status } = error;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const reason = isObject(first) ? first['reason'] : undefined;
  return {
    reason: textOf(reason) || textOf(status),
    // Google's messages for people carry links in HTML.
    said: textOf(message).replaceAll(/<[^<>]*>/g, ''),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Seconds of a header as milliseconds; undefined for a date, for nothing and for nonsense. */
function readSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(\.\d+)?$/.test(text) ? Number(text) * 1_000 : undefined;
}
