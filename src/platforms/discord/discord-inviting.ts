import { isObject } from '../../actions/json.js';
import type {
  Admission,
  Authorization,
  BotIdentity,
  BotSettings,
  Inviting,
  InviteQuestion,
  PlaceView,
} from '../../actions/platform.js';
import type { PlatformAnswer, WireRequest } from '../../actions/wire.js';
import { listPermissions, sumPermissions } from './permissions.js';

/** Every action of a bot in a server needs the right to see the channel. */
const ALWAYS = 'VIEW_CHANNEL';

/**
 * A person adds the bot to a server: a code grant with the scope `bot`, and with `identify`, without
 * which there would be no code and no user to name.
 * @see https://discord.com/developers/docs/topics/oauth2#advanced-bot-authorization
 */
export class DiscordInviting implements Inviting {
  readonly missing: readonly string[];
  readonly applicationId: string;
  /** Published without a version, unlike the API below which it lies. */
  readonly #oauthUrl: string;

  constructor(
    private readonly settings: BotSettings,
    private readonly headers: Readonly<Record<string, string>>,
  ) {
    this.applicationId = settings.clientId;
    this.#oauthUrl = `${settings.apiUrl.replace(/\/v\d+$/, '')}/oauth2`;
    this.missing = [
      ...(settings.clientId ? [] : ['DISCORD_CLIENT_ID']),
      ...(settings.clientSecret ? [] : ['DISCORD_CLIENT_SECRET']),
    ];
  }

  completePermissions(permissions: readonly string[]): readonly string[] {
    return [...new Set([ALWAYS, ...permissions])].sort();
  }

  /** @see https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow */
  buildConsentUrl({ state, redirectUri, permissions }: InviteQuestion): string {
    const url = new URL(`${this.settings.authUrl}/authorize`);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.settings.clientId,
      redirect_uri: redirectUri,
      scope: 'bot identify',
      permissions: sumPermissions(permissions),
      state,
    }).toString();
    return url.href;
  }

  /** @see https://discord.com/developers/docs/topics/oauth2#authorization-code-grant */
  buildExchange({ code, redirectUri }: { code: string; redirectUri: string }): WireRequest {
    return this.#post('/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
    });
  }

  readExchange({ status, body }: PlatformAnswer): Admission | 'dead' | 'unclear' {
    if (!isObject(body)) return 'unclear';
    const { access_token, guild, error } = body;
    if (status === 400 && error === 'invalid_grant') return 'dead';
    if (status !== 200 || typeof access_token !== 'string' || access_token === '') return 'unclear';
    const placeId = isObject(guild) ? guild['id'] : undefined;
    return {
      accessToken: access_token,
      placeId: typeof placeId === 'string' ? placeId : undefined,
    };
  }

  /** @see https://discord.com/developers/docs/topics/oauth2#get-current-authorization-information */
  buildAuthorization(accessToken: string): WireRequest {
    const headers = { ...this.headers, authorization: `Bearer ${accessToken}` };
    return { method: 'GET', url: `${this.settings.apiUrl}/oauth2/@me`, headers };
  }

  readAuthorization({ status, body }: PlatformAnswer): Authorization | 'unclear' {
    const { application, user } = status === 200 && isObject(body) ? body : {};
    if (!isObject(application) || typeof application['id'] !== 'string') return 'unclear';
    const person = isObject(user) ? user : {};
    return {
      applicationId: application['id'],
      person: { id: String(person['id'] ?? ''), name: String(person['username'] ?? '') },
    };
  }

  /** @see https://discord.com/developers/docs/topics/oauth2#get-current-bot-application-information */
  buildBot(botToken: string): WireRequest {
    return this.#getAsBot('/oauth2/applications/@me', botToken);
  }

  readBot({ status, body }: PlatformAnswer): BotIdentity | 'invalid' | 'unclear' {
    // What is not Discord's own error, `{code, message}`, says nothing of the token.
    if (status === 401) return isObject(body) && 'code' in body ? 'invalid' : 'unclear';
    if (status !== 200 || !isObject(body) || typeof body['id'] !== 'string') return 'unclear';
    const bot = isObject(body['bot']) ? body['bot'] : {};
    return {
      applicationId: body['id'],
      // The bots of old applications have ids of their own, and an answer may leave the bot out.
      botId: String(bot['id'] ?? body['id']),
      name: String(bot['username'] ?? body['name'] ?? ''),
    };
  }

  /** @see https://discord.com/developers/docs/resources/guild#get-guild */
  buildPlace(placeId: string, botToken: string): WireRequest {
    return this.#getAsBot(`/guilds/${encodeURIComponent(placeId)}`, botToken);
  }

  /** What a bot may do everywhere in a server stands in the role that came with it. */
  readPlace(
    { status, body }: PlatformAnswer,
    { botId }: BotIdentity,
  ): PlaceView | 'absent' | 'unclear' {
    if (status === 403 || status === 404)
      return isObject(body) && 'code' in body ? 'absent' : 'unclear';
    if (status !== 200 || !isObject(body) || typeof body['id'] !== 'string') return 'unclear';
    const roles: readonly unknown[] = Array.isArray(body['roles']) ? body['roles'] : [];
    const own = roles
      .filter(isObject)
      .find(({ tags }) => isObject(tags) && tags['bot_id'] === botId);
    return {
      id: body['id'],
      name: String(body['name'] ?? ''),
      permissions: listPermissions(String(own?.['permissions'] ?? '0')),
    };
  }

  /** @see https://discord.com/developers/docs/topics/oauth2#authorization-code-grant-token-revocation-example */
  buildRevocation(token: string): WireRequest {
    return this.#post('/token/revoke', { token, token_type_hint: 'access_token' });
  }

  #getAsBot(path: string, botToken: string): WireRequest {
    const headers = { ...this.headers, authorization: `Bot ${botToken}` };
    return { method: 'GET', url: `${this.settings.apiUrl}${path}`, headers };
  }

  #post(path: string, fields: Record<string, string>): WireRequest {
    return {
      method: 'POST',
      url: `${this.#oauthUrl}${path}`,
      headers: this.headers,
      body: new URLSearchParams({
        client_id: this.settings.clientId,
        client_secret: this.settings.clientSecret,
        ...fields,
      }),
    };
  }
}
