import { isObject } from '../../../src/actions/json.js';
import {
  type Connecting,
  type ConsentRequest,
  type Credential,
  type Grant,
  type OAuth,
  type Platform,
  PlatformAdapter,
  type PlatformSettings,
  type TokenReading,
} from '../../../src/actions/platform.js';
import type { PlatformAnswer, Refusal, WireRequest } from '../../../src/actions/wire.js';
import { guestbookActions } from './actions.js';

/** A platform that is there for one test: a guestbook with accounts, tokens that end, and a limit. */
@PlatformAdapter()
export class GuestbookPlatform implements Platform {
  readonly name = 'guestbook';
  readonly title = 'Guestbook';
  readonly groups = { entries: 'Entries of the guestbook' };
  readonly actions = guestbookActions;
  readonly costUnit = 'requests';
  readonly limitNames = ['entries'];
  readonly apiUrl: string;
  readonly oauth: OAuth;

  constructor(settings: PlatformSettings) {
    this.apiUrl = settings.apiUrl;
    this.oauth = new GuestbookOAuth(settings);
  }

  authorize({ accessToken }: Credential): Record<string, string> {
    return { authorization: `Bearer ${accessToken}` };
  }

  limitRequest(): [] {
    return [];
  }

  readRefusal({ status, body }: PlatformAnswer): Refusal {
    const said = isObject(body) ? String(body['error']) : '';
    const message = `Guestbook answered ${status}: ${said}`;
    return { code: status === 404 ? 'NOT_FOUND' : 'REFUSED', message, happened: 'no' };
  }
}

class GuestbookOAuth implements OAuth {
  readonly connecting: Connecting;

  constructor(private readonly settings: PlatformSettings) {
    this.connecting = new GuestbookConnecting(settings);
  }

  buildRefresh(refreshToken: string): WireRequest {
    return askToken(this.settings, { grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  readRefresh({ status, body }: PlatformAnswer): Grant | 'dead' | 'unclear' {
    if (status === 400) return 'dead';
    if (status !== 200 || !isObject(body)) return 'unclear';
    return {
      accessToken: String(body['access_token']),
      refreshToken: String(body['refresh_token']),
      expiresIn: Number(body['expires_in']),
      scopes: ['entries:write'],
    };
  }
}

class GuestbookConnecting implements Connecting {
  readonly usesPkce = false;
  readonly identityScopes = [];

  constructor(private readonly settings: PlatformSettings) {}

  buildConsentUrl({ state, redirectUri, scopes }: ConsentRequest): string {
    const query = { state, redirect_uri: redirectUri, scope: scopes.join(' ') };
    return `${this.settings.authUrl}/authorize?${new URLSearchParams(query)}`;
  }

  buildExchange({ code }: { readonly code: string }): WireRequest {
    return askToken(this.settings, { grant_type: 'authorization_code', code });
  }

  buildRevocation(token: string): WireRequest {
    return askToken(this.settings, { grant_type: 'revoke', token });
  }

  buildIdentification(accessToken: string): WireRequest {
    return {
      method: 'GET',
      url: `${this.settings.apiUrl}/me`,
      headers: { authorization: `Bearer ${accessToken}` },
    };
  }

  readIdentification({ status, body }: PlatformAnswer): TokenReading {
    if (status === 401) return 'invalid';
    if (status !== 200 || !isObject(body)) return 'unclear';
    const id = String(body['id']);
    return { accountId: id, login: id, scopes: ['entries:write'], expiresIn: undefined };
  }
}

function askToken(
  { authUrl, clientId, clientSecret }: PlatformSettings,
  asked: Readonly<Record<string, string>>,
): WireRequest {
  return {
    method: 'POST',
    url: `${authUrl}/token`,
    headers: {},
    body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...asked }),
  };
}
