import { randomBytes } from 'node:crypto';

import { isDenied, readMany, renderConsent, renderPlain } from '../../../sandbox/consent-page.js';
import {
  answerJson,
  type Clock,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import { html } from '../../../sandbox/html.js';
import { SingleUseCodes } from '../../../sandbox/single-use-codes.js';
import { showApplication, showGuild, showUser } from './show.js';
import { readPermissions, writePermissions } from './permissions.js';
import { OWNER, SANDBOX_BOT, SANDBOX_DISCORD_CLIENT } from './seed.js';
import type { DiscordGuild, DiscordUser, DiscordWorld } from './world.js';

const TOKEN_SECONDS = 604_800;
/** Any version of the API, or none, as the published addresses have it. */
const ROUTE = /^(?:\/api(?:\/v10)?)?(\/oauth2\/.+)$/;

/** What an authorization code stands for. */
interface Consent {
  readonly user_id: string;
  readonly guild_id: string;
  readonly scopes: readonly string[];
  readonly redirect_uri: string;
}

interface PersonToken extends Consent {
  readonly expires: number;
}

/** Who let the bot in where, and the tokens that prove it. */
export class DiscordGrants {
  readonly codes: SingleUseCodes<Consent>;
  readonly #tokens = new Map<string, PersonToken>();

  constructor(private readonly now: Clock) {
    this.codes = new SingleUseCodes(now, () => invent(15));
  }

  issue(consent: Consent): string {
    const token = invent(15);
    this.#tokens.set(token, { ...consent, expires: this.now() + TOKEN_SECONDS * 1_000 });
    return token;
  }

  find(token: string): PersonToken | undefined {
    const found = this.#tokens.get(token);
    return found && found.expires > this.now() ? found : undefined;
  }

  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** Tokens of persons that are good still. */
  count(): number {
    return [...this.#tokens.keys()].filter((token) => this.find(token)).length;
  }

  clear(): void {
    this.#tokens.clear();
    this.codes.clear();
  }
}

interface OauthRoom {
  readonly grants: DiscordGrants;
  readonly world: DiscordWorld;
}

/**
 * Answers below `/discord/oauth2` and `/discord/api/oauth2`; undefined for what is no such call.
 * @see https://discord.com/developers/docs/topics/oauth2
 */
export function answerOauth(request: SandboxRequest, room: OauthRoom): SandboxAnswer | undefined {
  switch (`${request.method} ${ROUTE.exec(request.path)?.[1] ?? ''}`) {
    case 'GET /oauth2/authorize':
      return answerAuthorize(request, room);
    case 'POST /oauth2/token':
      return answerToken(new URLSearchParams(request.body), room);
    case 'POST /oauth2/token/revoke':
      return answerRevoke(new URLSearchParams(request.body), room);
    case 'GET /oauth2/@me':
      return answerMe(request, room);
    default:
      return undefined;
  }
}

/**
 * A page with the servers that a bot can be added to. With `sandbox_guild` the page is skipped: the person
 * of `sandbox_user` (or the owner) says yes for that one, with fewer permissions by
 * `sandbox_permissions`, or no with `sandbox_deny=1`. Any http address is a registered one.
 */
function answerAuthorize({ query }: SandboxRequest, { grants, world }: OauthRoom): SandboxAnswer {
  if (query.get('client_id') !== SANDBOX_DISCORD_CLIENT.id)
    return answerPage(400, 'Unknown Application');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!URL.canParse(redirectUri) || !/^https?:$/.test(new URL(redirectUri).protocol))
    return answerPage(400, 'Invalid OAuth2 redirect_uri');
  const user = world.users.get(query.get('sandbox_user') ?? OWNER);
  const target = new URL(redirectUri);
  const state = query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  const leave = (members: Record<string, string>): SandboxAnswer => {
    for (const [name, value] of Object.entries(members)) target.searchParams.set(name, value);
    const headers = { location: target.href };
    return { status: 302, headers, body: '', ...(user && { who: user.username }) };
  };
  const scopes = (query.get('scope') ?? '').split(/[\s+]+/).filter((scope) => scope !== '');
  if (scopes.some((scope) => !['bot', 'identify'].includes(scope)))
    return leave({ error: 'invalid_scope', error_description: 'The requested scope is invalid.' });
  if (isDenied(query) || !user)
    return leave({ error: 'access_denied', error_description: 'The resource owner denied it.' });
  const permissions = readGranted(query);
  if (!permissions) return answerPage(400, 'Invalid permissions');
  const chosen = query.get('sandbox_guild') ?? query.get('guild_id');
  if (chosen === null) return askForConsent(query, permissions, world);
  const guild = world.guilds.get(chosen);
  if (!guild || !mayInvite(world, guild, user))
    return answerPage(403, `${user.username} may not add a bot to this server`);
  world.invite(guild, SANDBOX_BOT.id, permissions);
  const consent = { user_id: user.id, guild_id: guild.id, scopes, redirect_uri: redirectUri };
  return leave({
    code: grants.codes.add(consent),
    guild_id: guild.id,
    permissions: writePermissions(permissions),
  });
}

/** Names of permissions: what the page's boxes hold, or the number of the address. */
function readGranted(query: URLSearchParams): readonly string[] | undefined {
  const given = readMany(query, 'sandbox_permissions');
  if (given?.every((name) => /^[A-Z]/.test(name))) return given;
  return readPermissions(given?.[0] ?? query.get('permissions') ?? '0');
}

/** The permission is MANAGE_GUILD, which only owners and administrators have here. */
function mayInvite(world: DiscordWorld, guild: DiscordGuild, user: DiscordUser): boolean {
  return guild.owner_id === user.id || world.permits(guild, user.id, 'ADMINISTRATOR');
}

function askForConsent(
  query: URLSearchParams,
  permissions: readonly string[],
  world: DiscordWorld,
): SandboxAnswer {
  const guilds = [...world.guilds.values()];
  const people = [...world.users.values()].filter((user) =>
    guilds.some((guild) => mayInvite(world, guild, user)),
  );
  return renderConsent(
    {
      title: `Add ${SANDBOX_BOT.username} to a server`,
      platform: 'Discord',
      choices: [
        {
          parameter: 'sandbox_user',
          label: 'You are',
          options: people.map(({ id, username }) => ({ value: id, label: username })),
          chosen: [query.get('sandbox_user') ?? OWNER],
          kind: 'one',
        },
        {
          parameter: 'sandbox_guild',
          label: 'Server',
          options: guilds.map(({ id, name }) => ({ value: id, label: name })),
          chosen: [],
          kind: 'one',
        },
        {
          parameter: 'sandbox_permissions',
          label: 'The bot may',
          options: permissions.map((name) => ({ value: name, label: name })),
          chosen: permissions,
          kind: 'many',
        },
      ],
      yes: 'Authorize',
      no: 'Cancel',
    },
    query,
  );
}

function answerPage(status: number, title: string): SandboxAnswer {
  return renderPlain(status, { title, platform: 'Discord' }, html``);
}

function answerToken(form: URLSearchParams, { grants, world }: OauthRoom): SandboxAnswer {
  if (!isClient(form)) return refuse(401, 'invalid_client');
  if (form.get('grant_type') !== 'authorization_code') return refuse(400, 'unsupported_grant_type');
  const consent = grants.codes.take(form.get('code') ?? '');
  const guild = consent && world.guilds.get(consent.guild_id);
  if (!consent || !guild || consent.redirect_uri !== form.get('redirect_uri'))
    return refuse(400, 'invalid_grant', 'Invalid "code" in request.');
  return answerJson(200, {
    token_type: 'Bearer',
    access_token: grants.issue(consent),
    refresh_token: invent(15),
    expires_in: TOKEN_SECONDS,
    scope: consent.scopes.join(' '),
    ...(consent.scopes.includes('bot') && { guild: showGuild(guild) }),
  });
}

function answerRevoke(form: URLSearchParams, { grants }: OauthRoom): SandboxAnswer {
  if (!isClient(form)) return refuse(401, 'invalid_client');
  grants.revoke(form.get('token') ?? '');
  return answerJson(200, {});
}

function answerMe({ headers }: SandboxRequest, { grants, world }: OauthRoom): SandboxAnswer {
  const [, value = ''] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? [];
  const token = grants.find(value);
  if (!token) return answerJson(401, { message: '401: Unauthorized', code: 0 });
  const user = world.users.get(token.user_id);
  return answerJson(200, {
    application: showApplication({ ...SANDBOX_BOT, bot: true }),
    scopes: token.scopes,
    expires: new Date(token.expires).toISOString(),
    ...(token.scopes.includes('identify') && user && { user: showUser(user) }),
  });
}

function isClient(form: URLSearchParams): boolean {
  return (
    form.get('client_id') === SANDBOX_DISCORD_CLIENT.id &&
    form.get('client_secret') === SANDBOX_DISCORD_CLIENT.secret
  );
}

function refuse(status: number, error: string, description = error): SandboxAnswer {
  return answerJson(status, { error, error_description: description });
}

function invent(bytes: number): string {
  return `sandbox${randomBytes(bytes).toString('hex')}`;
}
