import { hasToAsk, isDenied, readMany, renderConsent } from '../../../sandbox/consent-page.js';
import {
  readFields,
  answerJson,
  describeUnsimulated,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import { type AccessToken, type GoogleGrants, verifies } from './grants.js';
import { YOUTUBE_SCOPES } from './scopes.js';
import type { YouTubeWorld } from './world.js';
import { SANDBOX_GOOGLE_CLIENT } from './client.js';

interface OauthRoom {
  readonly grants: GoogleGrants;
  readonly world: YouTubeWorld;
}

/** Answers below `/youtube/oauth2`. @see https://developers.google.com/identity/protocols/oauth2/web-server */
export function answerOauth(request: SandboxRequest, room: OauthRoom): SandboxAnswer {
  switch (`${request.method} ${request.path}`) {
    case 'GET /auth':
      return answerConsent(request, room);
    case 'POST /token':
      return answerToken(readFields(request), room);
    case 'POST /tokeninfo':
      return answerTokenInfo(request, room);
    case 'POST /revoke':
      return answerRevoke(readFields(request), room);
    default:
      return refuse(
        501,
        'not_simulated',
        describeUnsimulated(request.method, `/youtube/oauth2${request.path}`),
      );
  }
}

function refuse(status: number, error: string, error_description: string): SandboxAnswer {
  return answerJson(status, { error, error_description });
}

/**
 * A browser sees a page that asks. A program is answered at once: the person of `sandbox_channel` (or the
 * world's consenting one) says yes, no with `sandbox_deny=1`, or yes to fewer scopes with
 * `sandbox_scopes`. Any http address is a registered one.
 */
function answerConsent(request: SandboxRequest, { grants, world }: OauthRoom): SandboxAnswer {
  const { query } = request;
  if (query.get('client_id') !== SANDBOX_GOOGLE_CLIENT.id)
    return refuse(401, 'invalid_client', 'The OAuth client was not found.');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!URL.canParse(redirectUri) || !/^https?:$/.test(new URL(redirectUri).protocol))
    return refuse(400, 'redirect_uri_mismatch', 'The redirect URI is not registered.');
  const asked = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const method = query.get('code_challenge_method');
  if (query.get('response_type') !== 'code')
    return refuse(400, 'invalid_request', 'Required parameter is missing: response_type');
  if (asked.length === 0 || asked.some((scope) => !YOUTUBE_SCOPES.includes(scope)))
    return refuse(400, 'invalid_scope', 'Some requested scopes were invalid.');
  if (query.has('code_challenge') && method !== 'S256')
    return refuse(400, 'invalid_request', 'Only S256 is simulated as code_challenge_method.');
  if (hasToAsk(request, ['sandbox_channel', 'sandbox_scopes']))
    return askForConsent(query, asked, world);
  const target = new URL(redirectUri);
  const channel = world.channels.get(query.get('sandbox_channel') ?? world.consenting_channel_id);
  if (isDenied(query) || !channel) {
    target.searchParams.set('error', 'access_denied');
  } else {
    const granted = readMany(query, 'sandbox_scopes') ?? asked;
    const code = grants.codes.add({
      channel_id: channel.id,
      scopes: granted,
      redirect_uri: redirectUri,
      challenge: query.get('code_challenge'),
      is_offline: query.get('access_type') === 'offline',
    });
    target.searchParams.set('code', code);
    target.searchParams.set('scope', granted.join(' '));
  }
  const state = query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  return {
    status: 302,
    headers: { location: target.href },
    body: '',
    ...(channel && { who: channel.title }),
  };
}

/** Google lets a person leave scopes out. */
function askForConsent(
  query: URLSearchParams,
  asked: readonly string[],
  world: YouTubeWorld,
): SandboxAnswer {
  const channels = [...world.channels.values()].map(({ id, title }) => ({
    value: id,
    label: title,
  }));
  return renderConsent(
    {
      title: 'Action gateway wants access to your account',
      platform: 'Google',
      choices: [
        {
          parameter: 'sandbox_channel',
          label: 'Your channel',
          options: channels,
          chosen: [world.consenting_channel_id],
          kind: 'one',
        },
        {
          parameter: 'sandbox_scopes',
          label: 'It may',
          options: asked.map((scope) => ({
            value: scope,
            label: scope.slice(scope.lastIndexOf('/') + 1),
          })),
          chosen: asked,
          kind: 'many',
        },
      ],
      yes: 'Allow',
      no: 'Cancel',
    },
    query,
  );
}

function answerToken(form: URLSearchParams, { grants, world }: OauthRoom): SandboxAnswer {
  if (form.get('client_id') !== SANDBOX_GOOGLE_CLIENT.id)
    return refuse(401, 'invalid_client', 'The OAuth client was not found.');
  if (form.get('client_secret') !== SANDBOX_GOOGLE_CLIENT.secret)
    return refuse(401, 'invalid_client', 'Unauthorized');
  switch (form.get('grant_type')) {
    case 'refresh_token': {
      const given = form.get('refresh_token');
      if (!given)
        return refuse(400, 'invalid_request', 'Missing required parameter: refresh_token');
      const token = grants.refresh(given);
      if (!token) return refuse(400, 'invalid_grant', 'Token has been expired or revoked.');
      return answerTokens(token, world, false);
    }
    case 'authorization_code': {
      const code = grants.codes.take(form.get('code') ?? '');
      if (!code) return refuse(400, 'invalid_grant', 'Malformed auth code.');
      if (code.redirect_uri !== form.get('redirect_uri'))
        return refuse(400, 'redirect_uri_mismatch', 'Bad Request');
      if (!verifies(form.get('code_verifier'), code.challenge))
        return refuse(400, 'invalid_grant', 'Invalid code verifier.');
      return answerTokens(grants.open(code.channel_id, code.scopes), world, code.is_offline);
    }
    default:
      return refuse(400, 'unsupported_grant_type', 'Invalid grant_type');
  }
}

function answerTokens(
  { value, grant, expires_in }: AccessToken,
  world: YouTubeWorld,
  withRefreshToken: boolean,
): SandboxAnswer {
  return {
    ...answerJson(200, {
      access_token: value,
      expires_in,
      ...(withRefreshToken && { refresh_token: grant.refresh_token }),
      scope: grant.scopes.join(' '),
      token_type: 'Bearer',
    }),
    who: world.nameChannel(grant.channel_id),
  };
}

/** What Google's own libraries ask for, the token in the header. */
function answerTokenInfo({ headers }: SandboxRequest, { grants }: OauthRoom): SandboxAnswer {
  const [, value = ''] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? [];
  const token = grants.find(value);
  if (!token) return refuse(400, 'invalid_token', 'Invalid Value');
  const { grant, expires_in } = token;
  return answerJson(200, {
    aud: SANDBOX_GOOGLE_CLIENT.id,
    scope: grant.scopes.join(' '),
    expires_in: String(expires_in),
  });
}

function answerRevoke(form: URLSearchParams, { grants }: OauthRoom): SandboxAnswer {
  const isKnown = grants.revokeToken(form.get('token') ?? '');
  return isKnown ? answerJson(200, {}) : refuse(400, 'invalid_token', 'Token expired or revoked');
}
