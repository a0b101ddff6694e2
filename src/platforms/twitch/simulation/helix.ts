import { STATUS_CODES } from 'node:http';

import {
  answerJson,
  describeUnsimulated,
  saysJson,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import { CHANNEL_ROUTES } from './helix-channels.js';
import { CHAT_ROUTES } from './helix-chat.js';
import { CHAT_STATE_ROUTES } from './helix-chat-state.js';
import { AUDIENCE_ROUTES } from './helix-audience.js';
import { EVENT_ROUTES } from './helix-events.js';
import { GUARD_ROUTES } from './helix-guard.js';
import { GUEST_ROUTES } from './helix-guests.js';
import { REWARD_ROUTES } from './helix-rewards.js';
import { SCHEDULE_ROUTES } from './helix-schedule.js';
import {
  HelixCall,
  HelixRefusal,
  type HelixResult,
  type HelixRoom,
  type HelixRoute,
} from './helix-call.js';
import { LOOKUP_ROUTES } from './helix-lookups.js';
import { MODERATION_ROUTES } from './helix-moderation.js';
import { POLL_ROUTES } from './helix-polls.js';
import { ROLE_ROUTES } from './helix-roles.js';
import { SANDBOX_CLIENT } from './client.js';

const ROUTES = new Map<string, HelixRoute>(
  [
    CHAT_ROUTES,
    CHAT_STATE_ROUTES,
    MODERATION_ROUTES,
    GUARD_ROUTES,
    ROLE_ROUTES,
    CHANNEL_ROUTES,
    REWARD_ROUTES,
    SCHEDULE_ROUTES,
    GUEST_ROUTES,
    EVENT_ROUTES,
    AUDIENCE_ROUTES,
    POLL_ROUTES,
    LOOKUP_ROUTES,
  ].flatMap((routes) => Object.entries(routes)),
);

type Headers = Readonly<Record<string, string>>;

/** Answers below `/twitch/helix`. @see https://dev.twitch.tv/docs/api/guide/ */
export function answerHelix(request: SandboxRequest, room: HelixRoom): SandboxAnswer {
  const token = authenticate(request, room);
  if (token instanceof HelixRefusal) {
    // Whose bucket pays for a call without a valid token is unpublished; simulated: none.
    return answerRefusal(token, room.limits.describeUntouched());
  }
  const who = token.grant ? room.world.user(token.grant.user_id).login : 'app';
  const bucket = room.limits.spendPoint(`${token.client_id}:${token.grant?.user_id ?? ''}`);
  if (!bucket.allowed) {
    const refusal = new HelixRefusal(429, 'The request limit has been exceeded.');
    return { ...answerRefusal(refusal, bucket.headers), who };
  }
  try {
    const { status = 200, value } = runCall(new HelixCall(request, token, room), request);
    if (value === undefined) return { status, headers: bucket.headers, body: '', who };
    return { ...answerJson(status, value, bucket.headers), who };
  } catch (error) {
    if (!(error instanceof HelixRefusal)) throw error;
    return { ...answerRefusal(error, bucket.headers), who };
  }
}

function runCall(call: HelixCall, request: SandboxRequest): HelixResult {
  const route = ROUTES.get(`${request.method} ${request.path}`);
  if (!route) {
    const what = describeUnsimulated(request.method, `/twitch/helix${request.path}`);
    throw new HelixRefusal(501, what);
  }
  if (call.userId !== undefined) {
    if (route.scopes) call.requireScope(...route.scopes);
  } else if (!route.app) {
    throw new HelixRefusal(401, 'Missing User OAUTH Token');
  }
  // What Twitch does with a body of another type is unpublished, simulated.
  if (request.body !== '' && !saysJson(request.headers))
    throw new HelixRefusal(415, 'The Content-Type header must be application/json.');
  return route.handle(call);
}

function authenticate(request: SandboxRequest, { grants }: HelixRoom) {
  const { authorization } = request.headers;
  const clientId = request.headers['client-id'];
  if (authorization === undefined) return new HelixRefusal(401, 'OAuth token is missing');
  const value = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  const token = value === undefined ? undefined : grants.find(value);
  if (!token) return new HelixRefusal(401, 'Invalid OAuth token');
  if (clientId === undefined) return new HelixRefusal(401, 'Client-Id header is missing');
  if (clientId !== token.client_id || clientId !== SANDBOX_CLIENT.id)
    return new HelixRefusal(401, 'Client ID and OAuth token do not match');
  return token;
}

function answerRefusal({ status, message }: HelixRefusal, headers: Headers): SandboxAnswer {
  return answerJson(status, { error: STATUS_CODES[status], status, message }, headers);
}
