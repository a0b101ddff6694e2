import { isObject } from '../../actions/json.js';
import type {
  Connecting,
  ConsentRequest,
  GoogleSettings,
  Grant,
  OAuth,
  TokenReading,
} from '../../actions/platform.js';
import { buildUrl, type PlatformAnswer, type WireRequest } from '../../actions/wire.js';
import { buildYouTubeRequest } from './youtube-request.js';

const CHANNEL_LIST = 'youtube#channelListResponse';

/**
 * Google's OAuth server. Access tokens live for about an hour; a refresh token comes once, with the
 * consent, and stays the same: that it is never rotated is unverified, and one that comes is kept.
 * @see https://developers.google.com/identity/protocols/oauth2/web-server
 */
export class GoogleOAuth implements OAuth {
  readonly connecting: Connecting;

  constructor(private readonly settings: GoogleSettings) {
    this.connecting = new GoogleConnecting(settings);
  }

  /**
   * As the client that the grant was given to: Google renews it for no other.
   * @see https://developers.google.com/identity/protocols/oauth2/web-server#offline
   */
  buildRefresh(
    refreshToken: string,
    client: { readonly id: string; readonly secret: string } = {
      id: this.settings.clientId,
      secret: this.settings.clientSecret,
    },
  ): WireRequest {
    return postForm(this.settings.tokenUrl, {
      client_id: client.id,
      client_secret: client.secret,
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
  }

  /**
   * Where Google's own libraries ask, beside the token endpoint; the token is in no address.
   * @see https://github.com/googleapis/google-auth-library-nodejs
   */
  buildScopes(accessToken: string): WireRequest {
    const request = postForm(new URL('tokeninfo', this.settings.tokenUrl).href, {});
    return { ...request, headers: { authorization: `Bearer ${accessToken}` } };
  }

  readScopes({ status, body }: PlatformAnswer): readonly string[] | 'unclear' {
    const scope = status === 200 && isObject(body) ? body['scope'] : undefined;
    return typeof scope === 'string' ? scope.split(' ').filter(Boolean) : 'unclear';
  }

  /** Of the errors, invalid_grant alone is about the grant; the others are about our client. */
  readRefresh({ status, body }: PlatformAnswer): Grant | 'dead' | 'unclear' {
    if (!isObject(body)) return 'unclear';
    const { access_token, refresh_token, expires_in, scope, error } = body;
    if (status === 400 && error === 'invalid_grant') return 'dead';
    if (status !== 200 || typeof access_token !== 'string' || access_token === '') return 'unclear';
    return {
      accessToken: access_token,
      refreshToken: typeof refresh_token === 'string' ? refresh_token : undefined,
      expiresIn: typeof expires_in === 'number' ? expires_in : undefined,
      scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : undefined,
    };
  }
}

class GoogleConnecting implements Connecting {
  readonly usesPkce = true;
  /** Any scope of our actions may read its own channel. */
  readonly identityScopes: readonly string[] = [];

  constructor(private readonly settings: GoogleSettings) {}

  /**
   * `offline` and `consent` are what a refresh token comes with, also at the second time.
   * @see https://developers.google.com/identity/protocols/oauth2/web-server#creatingclient
   */
  buildConsentUrl({ state, redirectUri, scopes, codeChallenge }: ConsentRequest): string {
    const url = new URL(this.settings.authUrl);
    const query = {
      client_id: this.settings.clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: scopes.join(' '),
      state,
      access_type: 'offline',
      prompt: 'consent',
      include_granted_scopes: 'true',
      ...(codeChallenge && { code_challenge: codeChallenge, code_challenge_method: 'S256' }),
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  /** @see https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code */
  buildExchange({ code, redirectUri, codeVerifier }: Parameters<Connecting['buildExchange']>[0]) {
    return postForm(this.settings.tokenUrl, {
      client_id: this.settings.clientId,
      client_secret: this.settings.clientSecret,
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      ...(codeVerifier && { code_verifier: codeVerifier }),
    });
  }

  /**
   * Either token of a grant ends it; the address is that of the token endpoint, with another end.
   * @see https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
   */
  buildRevocation(token: string): WireRequest {
    return postForm(new URL('revoke', this.settings.tokenUrl).href, { token });
  }

  /** @see https://developers.google.com/youtube/v3/docs/channels/list */
  buildIdentification(accessToken: string): WireRequest {
    const request = buildYouTubeRequest((youtube) =>
      youtube.channels.list({ part: ['snippet'], mine: true }),
    );
    return {
      method: request.method,
      url: buildUrl(this.settings.apiUrl, request),
      headers: { authorization: `Bearer ${accessToken}` },
    };
  }

  /** YouTube says whose channel it is; the scopes stand in the grant. */
  readIdentification({ status, body }: PlatformAnswer): TokenReading {
    // Google's own errors are `{error: {code, …}}`; what is not one of them says nothing of the token.
    if (status === 401) return isObject(body) && isObject(body['error']) ? 'invalid' : 'unclear';
    if (status !== 200 || !isObject(body)) return 'unclear';
    const { kind, items = [] } = body;
    if (!Array.isArray(items)) return 'unclear';
    if (items.length === 0) return kind === CHANNEL_LIST ? 'no account' : 'unclear';
    const channel: unknown = items[0];
    if (!isObject(channel) || typeof channel['id'] !== 'string') return 'unclear';
    const { snippet } = channel;
    const title = isObject(snippet) ? snippet['title'] : undefined;
    return {
      accountId: channel['id'],
      login: typeof title === 'string' ? title : '',
      scopes: [],
      expiresIn: undefined,
    };
  }
}

function postForm(url: string, fields: Record<string, string>): WireRequest {
  return { method: 'POST', url, headers: {}, body: new URLSearchParams(fields) };
}
