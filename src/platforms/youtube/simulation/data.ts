import {
  answerJson,
  answerNothing,
  describeUnsimulated,
  saysJson,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import { BROADCAST_ROUTES } from './data-broadcasts.js';
import { DataCall, DataRefusal, type DataRoute } from './data-call.js';
import { CAPTION_ROUTES } from './data-captions.js';
import { CHANNEL_ROUTES } from './data-channel.js';
import { CHAT_ROUTES } from './data-chat.js';
import { COMMENT_ROUTES } from './data-comments.js';
import { LIST_ROUTES } from './data-lists.js';
import { PLAYLIST_ROUTES } from './data-playlists.js';
import { finishResult, readParts } from './data-results.js';
import { STREAM_ROUTES } from './data-streams.js';
import { VIDEO_ROUTES } from './data-videos.js';
import type { AccessToken, GoogleGrants } from './grants.js';
import type { Quota } from './quota.js';
import type { YouTubeWorld } from './world.js';

const ROUTES = new Map<string, DataRoute>(
  [
    BROADCAST_ROUTES,
    CAPTION_ROUTES,
    CHANNEL_ROUTES,
    CHAT_ROUTES,
    COMMENT_ROUTES,
    LIST_ROUTES,
    PLAYLIST_ROUTES,
    STREAM_ROUTES,
    VIDEO_ROUTES,
  ].flatMap((routes) => Object.entries(routes)),
);

interface DataRoom {
  readonly world: YouTubeWorld;
  readonly grants: GoogleGrants;
  readonly quota: Quota;
  /** Searches have a budget of their own. */
  readonly searchQuota: Quota;
}

/** Answers below `/youtube/v3`. @see https://developers.google.com/youtube/v3/docs */
export function answerData(request: SandboxRequest, room: DataRoom): SandboxAnswer {
  let token: AccessToken | undefined;
  try {
    token = authenticate(request, room.grants);
    const result = runCall(request, token, room);
    const answer = result === undefined ? answerNothing() : answerJson(200, result);
    return { ...answer, who: room.world.nameChannel(token.grant.channel_id) };
  } catch (error) {
    if (!(error instanceof DataRefusal)) throw error;
    const answer = answerRefusal(error);
    return token ? { ...answer, who: room.world.nameChannel(token.grant.channel_id) } : answer;
  }
}

function runCall(
  request: SandboxRequest,
  token: AccessToken,
  { world, quota, searchQuota }: DataRoom,
) {
  const route = ROUTES.get(`${request.method} ${request.path}`);
  if (!route) {
    const what = describeUnsimulated(request.method, `/youtube/v3${request.path}`);
    throw new DataRefusal(501, 'notSimulated', what);
  }
  // Every request is paid for, also one that is refused for what is in it.
  const budget = request.path === '/search' ? searchQuota : quota;
  if (!budget.spend(route.units)) {
    throw new DataRefusal(
      403,
      'quotaExceeded',
      'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.',
    );
  }
  if (!route.scopes.some((scope) => token.grant.scopes.includes(scope))) {
    throw new DataRefusal(
      403,
      'insufficientPermissions',
      'Request had insufficient authentication scopes.',
    );
  }
  if (request.body !== '' && !saysJson(request.headers))
    throw new DataRefusal(400, 'badContent', 'The Content-Type header must be application/json.');
  const call = new DataCall(request, token, world);
  const parts = readParts(request.path, request.method, call.readList('part'));
  const result = route.handle(call);
  return result && finishResult(request.path, result, parts);
}

export function authenticate(
  { headers }: Pick<SandboxRequest, 'headers'>,
  grants: GoogleGrants,
): AccessToken {
  const { authorization } = headers;
  if (authorization === undefined) throw new DataRefusal(401, 'required', 'Login Required.');
  const value = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  const token = value === undefined ? undefined : grants.find(value);
  if (!token) throw new DataRefusal(401, 'authError', 'Invalid Credentials');
  return token;
}

const DOMAINS: Readonly<Record<string, string>> = {
  quotaExceeded: 'youtube.quota',
  authError: 'global',
  required: 'global',
  insufficientPermissions: 'global',
};
const STATUSES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
};

export function answerRefusal({ status, reason, message }: DataRefusal): SandboxAnswer {
  return answerJson(status, {
    error: {
      code: status,
      message,
      errors: [{ message, domain: DOMAINS[reason] ?? 'youtube', reason }],
      ...(STATUSES[status] && { status: STATUSES[status] }),
    },
  });
}
