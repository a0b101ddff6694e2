import { hasToAsk, isDenied, readMany, renderConsent } from '../../../sandbox/consent-page.js';
import {
  readFields,
  answerJson,
  type Clock,
  describeUnsimulated,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import type { Grants, IssuedTokens } from './grants.js';
import { TWITCH_SCOPES } from './scopes.js';
import type { TwitchWorld } from './world.js';
import { SANDBOX_CLIENT } from './client.js';

/** What the OAuth endpoints need. */
interface OauthRoom {
  readonly grants: Grants;
  readonly world: TwitchWorld;
  readonly now: Clock;
}

/** Answers below `/twitch/oauth2`. @see https://dev.twitch.tv/docs/authentication/ */
export function answerOauth(request: SandboxRequest, room: OauthRoom): SandboxAnswer {
  switch (`${request.method} ${request.path}`) {
    case 'POST /token':
      return answerToken(readFields(request), room);
    case 'GET /validate':
      return answerValidate(request, room);
    case 'POST /revoke':
      return answerRevoke(readFields(request), room);
    case 'GET /authorize':
      return answerAuthorize(request, room);
    default:
      return refuse(501, describeUnsimulated(request.method, `/twitch/oauth2${request.path}`));
  }
}

/** OAuth errors come without the `error` member that Helix has. */
function refuse(status: number, message: string): SandboxAnswer {
  return answerJson(status, { status, message });
}

/** @see https://dev.twitch.tv/docs/authentication/refresh-tokens/ */
function answerToken(form: URLSearchParams, { grants, world }: OauthRoom): SandboxAnswer {
  const clientId = form.get('client_id');
  const secret = form.get('client_secret');
  if (!clientId) return refuse(400, 'missing client id');
  if (clientId !== SANDBOX_CLIENT.id) return refuse(400, 'invalid client');
  if (!secret) return refuse(400, 'missing client secret');
  if (secret !== SANDBOX_CLIENT.secret) return refuse(403, 'invalid client secret');
  switch (form.get('grant_type')) {
    case 'refresh_token': {
      const given = form.get('refresh_token');
      if (!given) return refuse(400, 'missing refresh token');
      const issued = grants.refresh(given, clientId);
      if (issued) return answerTokens(issued, world);
      return answerJson(400, {
        error: 'Bad Request',
        status: 400,
        message: 'Invalid refresh token',
      });
    }
    case 'authorization_code': {
      const given = form.get('code');
      if (!given) return refuse(400, 'missing code');
      const code = grants.codes.take(given);
      if (!code || code.client_id !== clientId) return refuse(400, 'Invalid authorization code');
      if (code.redirect_uri !== form.get('redirect_uri'))
        return refuse(400, 'Parameter redirect_uri does not match registered URI');
      return answerTokens(
        grants.open({ client_id: clientId, user_id: code.user_id, scopes: code.scopes }),
        world,
      );
    }
    case 'client_credentials':
      return answerTokens(grants.issueApp(clientId), world);
    case null:
      return refuse(400, 'missing grant type');
    default:
      return refuse(400, 'invalid grant type');
  }
}

function answerTokens({ access, expires_in }: IssuedTokens, world: TwitchWorld): SandboxAnswer {
  const { grant, value } = access;
  if (!grant) return answerJson(200, { access_token: value, expires_in, token_type: 'bearer' });
  return {
    ...answerJson(200, {
      access_token: value,
      expires_in,
      refresh_token: grant.refresh_token,
      scope: [...grant.scopes],
      token_type: 'bearer',
    }),
    who: world.user(grant.user_id).login,
  };
}

/** @see https://dev.twitch.tv/docs/authentication/validate-tokens/ */
function answerValidate(request: SandboxRequest, { grants, world, now }: OauthRoom): SandboxAnswer {
  const [, value] = /^(?:OAuth|Bearer)\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (value === undefined) return refuse(401, 'missing authorization token');
  const token = grants.find(value);
  if (!token) return refuse(401, 'invalid access token');
  const expires_in = Math.ceil((token.expires - now()) / 1_000);
  const user = token.grant && world.user(token.grant.user_id);
  if (!user) return answerJson(200, { client_id: token.client_id, scopes: [], expires_in });
  return {
    ...answerJson(200, {
      client_id: token.client_id,
      login: user.login,
      scopes: [...token.scopes],
      user_id: user.id,
      expires_in,
    }),
    who: user.login,
  };
}

/** @see https://dev.twitch.tv/docs/authentication/revoke-tokens/ */
function answerRevoke(form: URLSearchParams, { grants }: OauthRoom): SandboxAnswer {
  const clientId = form.get('client_id');
  const token = form.get('token');
  if (!clientId) return refuse(400, 'missing client id');
  if (clientId !== SANDBOX_CLIENT.id) return refuse(404, 'client does not exist');
  if (!token) return refuse(400, 'missing token');
  if (!grants.revokeToken(token, clientId)) return refuse(400, 'Invalid token');
  return { status: 200, headers: {}, body: '' };
}

/**
 * A browser sees a page that asks. A program is answered at once: the person of `sandbox_user` (or the
 * world's consenting user) says yes, yes to fewer scopes with `sandbox_scopes`, or no with
 * `sandbox_deny=1`. Twitch redirects only to registered addresses; here any http address will do.
 * @see https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#authorization-code-grant-flow
 */
function answerAuthorize(request: SandboxRequest, { grants, world }: OauthRoom): SandboxAnswer {
  const { query } = request;
  const clientId = query.get('client_id');
  if (!clientId) return refuse(400, 'missing client id');
  if (clientId !== SANDBOX_CLIENT.id) return refuse(400, 'invalid client');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!URL.canParse(redirectUri) || !/^https?:$/.test(new URL(redirectUri).protocol))
    return refuse(400, 'Parameter redirect_uri does not match registered URI');
  const target = new URL(redirectUri);
  const state = query.get('state');
  const asked = (query.get('scope') ?? '').split(/[\s+]+/).filter((scope) => scope !== '');
  const user = world.users.get(query.get('sandbox_user') ?? world.consenting_user_id);
  if (query.get('response_type') !== 'code') {
    target.searchParams.set('error', 'unsupported_response_type');
  } else if (asked.some((scope) => !TWITCH_SCOPES.includes(scope))) {
    target.searchParams.set('error', 'invalid_scope');
    target.searchParams.set('error_description', 'invalid scope requested');
  } else if (hasToAsk(request, ['sandbox_user', 'sandbox_scopes'])) {
    return askForConsent(query, asked, world);
  } else if (isDenied(query) || !user) {
    target.searchParams.set('error', 'access_denied');
    target.searchParams.set('error_description', 'The user denied you access');
  } else {
    const scopes = readMany(query, 'sandbox_scopes') ?? asked;
    const code = grants.codes.add({
      client_id: clientId,
      user_id: user.id,
      scopes,
      redirect_uri: redirectUri,
    });
    target.searchParams.set('code', code);
    target.searchParams.set('scope', scopes.join(' '));
  }
  if (state !== null) target.searchParams.set('state', state);
  return {
    status: 302,
    headers: { location: target.href },
    body: '',
    ...(user && { who: user.login }),
  };
}

/** Twitch asks for all scopes or none; a tester may leave some out, as an older consent would. */
function askForConsent(
  query: URLSearchParams,
  asked: readonly string[],
  world: TwitchWorld,
): SandboxAnswer {
  const people = [...world.users.values()].map(({ id, display_name }) => ({
    value: id,
    label: `${display_name} (${id})`,
  }));
  return renderConsent(
    {
      title: 'Action gateway wants to use your account',
      platform: 'Twitch',
      choices: [
        {
          parameter: 'sandbox_user',
          label: 'You are',
          options: people,
          chosen: [world.consenting_user_id],
          kind: 'one',
        },
        {
          parameter: 'sandbox_scopes',
          label: 'It may',
          options: asked.map((scope) => ({ value: scope, label: scope })),
          chosen: asked,
          kind: 'many',
        },
      ],
      yes: 'Authorize',
      no: 'Cancel',
    },
    query,
  );
}
