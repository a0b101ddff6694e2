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
import { CALL_COSTS, UNITS_VERSION } from './units.js';

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
  readonly callCosts = { version: UNITS_VERSION, costs: CALL_COSTS };
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
    const error = readError(body);
    const { reason, said } = error;
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
    if (findSpent(error) !== undefined) {
      const resetMs = countToQuotaReset(now);
      const reset = new Date(now + resetMs).toISOString();
      return refuse('QUOTA_EXHAUSTED', {
        message: `YouTube answered ${status}: ${told}; the day of the quota ends at ${reset}`,
        retryAfterMs: resetMs,
      });
    }
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

/** How reasons about the quota of the project's day begin, in lower case and without underscores. */
const SPENT = /^(quota|dailylimit)exceeded/;
/** The same for what one account may do in a day. */
const SPENT_BY_ACCOUNT = /^(uploadlimit|userdailylimit)exceeded/;
/** Reasons that stand for a limit of a minute and for one of a day: its name tells which. */
const TOLD_IN_WORDS = /^(user)?ratelimitexceeded|^resourceexhausted$/;
/**
 * How a limit is named that lasts for a day: "limit 'Video Uploads per day'", `defaultPerDayPerProject`,
 * `CLIENT_PROJECT-1d`, and `1/d/{project}` as its unit.
 */
const OF_A_DAY = /\b(daily|(?:per|a|each)[ _-]day)\b|PerDay(?![a-z])|_per_day|\b1\/d\b|-1d\b/;
const OF_A_USER =
  /\bper day per (user|channel|account)\b|\bdaily .*\bper (user|channel|account)\b|PerDayPerUser|\b1\/d\/.*\{user\}/;

/** Whose limit of a day an error says is spent; undefined for any other error. */
function findSpent({ reasons, said, details }: GoogleError): 'project' | 'account' | undefined {
  const names = reasons.map((reason) => reason.toLowerCase().replaceAll('_', ''));
  if (names.some((name) => SPENT_BY_ACCOUNT.test(name))) return 'account';
  if (names.some((name) => SPENT.test(name))) return 'project';
  if (!names.some((name) => TOLD_IN_WORDS.test(name))) return undefined;
  const told = [said.replace(/Daily|Per Day/g, (word) => word.toLowerCase()), ...details];
  if (!told.some((text) => OF_A_DAY.test(text))) return undefined;
  const isOfUser =
    names.some((name) => name.startsWith('user')) || told.some((text) => OF_A_USER.test(text));
  return isOfUser ? 'account' : 'project';
}
const PACED: ReadonlySet<string> = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'userRequestsExceedRateLimit',
]);
/** The reason of a token that has ended or was revoked. */
const INVALID_TOKEN = 'authError';
const BROKEN: ReadonlySet<string> = new Set(['backendError', 'internalError']);

/** What an error of Google says. All of it is empty where an answer is none of Google's. */
interface GoogleError {
  /** The first reason, or the status in the place of one. */
  readonly reason: string;
  /** Every reason, also those in the details. */
  readonly reasons: readonly string[];
  readonly said: string;
  /** The texts of the details, such as the name of the limit that is spent. */
  readonly details: readonly string[];
}

function readError(body: unknown): GoogleError {
  const error = isObject(body) ? body['error'] : undefined;
  if (!isObject(error)) return { reason: '', reasons: [], said: '', details: [] };
  const { errors, message, status, details } = error;
  const told = [...listObjects(errors), ...listObjects(details)]
    .map((one) => textOf(one['reason']))
    .filter(Boolean);
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const reason = (isObject(first) ? textOf(first['reason']) : '') || textOf(status);
  return {
    reason,
    reasons: [...told, textOf(status)].filter(Boolean),
    // Google's messages for people carry links in HTML.
    said: textOf(message).replaceAll(/<[^<>]*>/g, ''),
    details: listObjects(details).flatMap(listTexts),
  };
}

function listObjects(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * The texts of one of the details: those of its metadata, and of its violations.
 * @see https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 */
function listTexts({ metadata, violations }: Readonly<Record<string, unknown>>): string[] {
  const parts = [...(isObject(metadata) ? [metadata] : []), ...listObjects(violations)];
  return parts.flatMap((part) => Object.values(part).map(textOf)).filter(Boolean);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Seconds of a header as milliseconds; undefined for a date, for nothing and for nonsense. */
function readSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(\.\d+)?$/.test(text) ? Number(text) * 1_000 : undefined;
}
