import {
  readObject,
  type HelpLine,
  answerError,
  answerJson,
  answerNothing,
  describeUnsimulated,
  isRecord,
  type Clock,
  type PlatformSimulation,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import type { Markup } from '../../../sandbox/html.js';
import { Revocations } from '../../../sandbox/revocations.js';
import { DiscordCall, DiscordRefusal, type DiscordRoute } from './discord-call.js';
import { describeWorld, renderWorld } from './display.js';
import { GUILD_ROUTES } from './guild-routes.js';
import { DiscordLimits } from './limits.js';
import { APPLICATION_ROUTES } from './application-routes.js';
import { CHANNEL_ROUTES } from './channel-routes.js';
import { GUILD_THING_ROUTES } from './guild-things.js';
import { INTERACTION_ROUTES } from './interactions.js';
import { MEMBER_ROUTES } from './member-routes.js';
import { MESSAGE_ROUTES } from './message-routes.js';
import { SETTINGS_ROUTES } from './guild-settings.js';
import { THREAD_ROUTES } from './thread-routes.js';
import { WEBHOOK_ROUTES } from './webhook-routes.js';
import { answerOauth, DiscordGrants } from './oauth.js';
import { SANDBOX_BOT } from './seed.js';
import { openWorld } from './seed-more.js';
import type { DiscordUser, DiscordWorld } from './world.js';

const API = '/api/v10';
const MOST_BODY_BYTES = 26_214_400;
/** Tokens of bots that were added by hand, which name the bot. */
const ADDED_BOT = /^sandbox-discord-bot\.(\d{1,20})\.token-of-no-worth$/;

/** Each route with an expression that reads the parts of its path. */
const ROUTES = [
  ...MEMBER_ROUTES,
  ...GUILD_ROUTES,
  ...APPLICATION_ROUTES,
  ...THREAD_ROUTES,
  ...MESSAGE_ROUTES,
  ...CHANNEL_ROUTES,
  ...GUILD_THING_ROUTES,
  ...SETTINGS_ROUTES,
  ...INTERACTION_ROUTES,
  ...WEBHOOK_ROUTES,
].map((route) => {
  const [method = '', path = ''] = route.pattern.split(' ');
  return { route, method, path: new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`) };
});

interface Found {
  readonly route: DiscordRoute;
  readonly path: Readonly<Record<string, string>>;
}

/** Discord: its HTTP API below `/discord/api/v10`, OAuth below `/discord/oauth2` and `/discord/api/oauth2`. */
export class DiscordSimulation implements PlatformSimulation {
  readonly help: readonly HelpLine[] = [
    ['POST /sandbox/discord/world', '{"limits","buckets","role_permissions",…}: changes Discord'],
    ['POST /sandbox/discord/bots', '{"id","username"}: adds a bot, gives its token'],
    ['POST /sandbox/discord/restore-bot', 'a bot that was added before a restart'],
    ['POST /sandbox/discord/restore-invite', 'a server that the bot was let into before a restart'],
    ['POST /sandbox/discord/reset-token', '{"id"}: makes the token of a bot worthless'],
    ['POST /sandbox/discord/guilds', '{"id","name","channel_id"}: adds a server without the bot'],
    ['POST /sandbox/discord/members', '{"id","username","roles"}: somebody joins'],
    ['POST /sandbox/discord/channels', '{"id","name"}: adds a channel'],
    [
      'POST /sandbox/discord/messages',
      '{"channel_id","author_id","content","id"}: somebody says something; the id, which tells when, may be left out',
    ],
  ];
  readonly name = 'discord';
  readonly bodyMax = MOST_BODY_BYTES;
  readonly #limits: DiscordLimits;
  readonly #grants: DiscordGrants;
  #world: DiscordWorld;

  constructor(
    private readonly now: Clock,
    private readonly revocations = new Revocations(),
  ) {
    this.#limits = new DiscordLimits(now);
    this.#grants = new DiscordGrants(now);
    this.#world = openWorld(now);
  }

  answer(request: SandboxRequest): SandboxAnswer {
    if (this.#limits.enabled && this.#limits.countInvalid() >= this.#limits.invalidMax)
      return answerLockedOut();
    const oauth = answerOauth(request, { grants: this.#grants, world: this.#world });
    if (oauth) return oauth;
    const found = request.path.startsWith(`${API}/`)
      ? findRoute(request.method, request.path.slice(API.length))
      : undefined;
    if (!found) {
      const what = describeUnsimulated(request.method, `/discord${request.path}`);
      return answerRefusal(new DiscordRefusal(501, 0, what));
    }
    const bot = this.#findBot(request);
    if (!bot && !found.route.open) {
      this.#limits.noteInvalid();
      return answerRefusal(new DiscordRefusal(401, 0, '401: Unauthorized'));
    }
    return { ...this.#admit(request, found, bot), who: bot?.username ?? 'nobody' };
  }

  control(request: SandboxRequest): SandboxAnswer | undefined {
    if (request.method !== 'POST') return undefined;
    const body = readObject(request.body);
    if (!body) return answerError(400, 'the body must be a JSON object');
    switch (request.path) {
      case '/bots':
        return this.#addBot(body);
      case '/restore-bot':
        return this.#restoreBot(body);
      case '/restore-invite':
        return this.#restoreInvite(body);
      case '/reset-token':
        return this.#resetToken(body);
      case '/guilds':
        return this.#addGuild(body);
      case '/members':
        return this.#addMember(body);
      case '/channels':
        return this.#addChannel(body);
      case '/messages':
        return this.#addMessage(body);
      case '/world':
        return this.#changeWorld(body);
      default:
        return undefined;
    }
  }

  describe(): Record<string, unknown> {
    return {
      ...describeWorld(this.#world, this.#limits),
      tokens_of_persons: this.#grants.count(),
    };
  }

  render(): Markup {
    return renderWorld(this.#world);
  }

  /** Bots that were added by hand survive with their tokens where grants do. */
  reset({ keepGrants }: { keepGrants: boolean }): void {
    const bots = [...this.#world.bots];
    this.#world = openWorld(this.now);
    this.#limits.clear();
    if (!keepGrants) {
      this.#grants.clear();
      this.revocations.clear();
      return;
    }
    for (const [token, bot] of bots) {
      if (!this.#world.bots.has(token)) this.#world.addBot({ ...bot, token });
    }
  }

  #findBot({ headers }: SandboxRequest): DiscordUser | undefined {
    const token = /^Bot (\S+)$/.exec(headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : this.#world.bots.get(token);
  }

  /** Lets a request through its buckets, and has it answered. */
  #admit(
    request: SandboxRequest,
    { route, path }: Found,
    bot: DiscordUser | undefined,
  ): SandboxAnswer {
    const resource =
      route.major === 'webhook'
        ? `${path['webhook']}:${path['token']}`
        : (path[route.major] ?? bot?.id ?? '');
    const admission = this.#limits.spend(route.pattern, resource, bot?.id ?? 'nobody');
    const { headers } = admission;
    if (this.#limits.enabled && !admission.allowed) {
      this.#limits.noteInvalid();
      const body = {
        message: 'You are being rate limited.',
        retry_after: admission.retryAfterMs / 1_000,
        global: admission.global,
      };
      return answerJson(429, body, headers);
    }
    try {
      const asker = route.open ? undefined : bot;
      const room = { world: this.#world, limits: this.#limits };
      const value = route.handle(new DiscordCall(request, path, asker, room));
      return value === undefined
        ? answerNothing(headers)
        : answerJson(route.status ?? 200, value, headers);
    } catch (error) {
      if (!(error instanceof DiscordRefusal)) throw error;
      if (error.status === 401 || error.status === 403) this.#limits.noteInvalid();
      return answerRefusal(error, headers);
    }
  }

  /** `{id, username}` → `{id, token}`: another bot, a member of the server. */
  #addBot({ id, username }: Record<string, unknown>): SandboxAnswer {
    if (!isNewId(id, this.#world)) return answerError(400, `not a new id: ${String(id)}`);
    const token = `sandbox-discord-bot.${id}.token-of-no-worth`;
    this.#world.addBot({ id, username: String(username ?? `bot_${id}`), token });
    return answerJson(200, { id, token });
  }

  /** `{access_token, username?}` → `{result}`: a bot that was added by hand before a restart. */
  #restoreBot({ access_token: token, username }: Record<string, unknown>): SandboxAnswer {
    const id = typeof token === 'string' ? ADDED_BOT.exec(token)?.[1] : undefined;
    if (typeof token !== 'string' || id === undefined)
      return answerError(400, 'access_token must be one of a bot that was added to the sandbox');
    if (this.revocations.has(token)) return answerJson(200, { result: 'revoked' });
    if (this.#world.bots.has(token)) return answerJson(200, { result: 'known' });
    this.#world.addBot({ id, username: String(username ?? `bot_${id}`), token });
    return answerJson(200, { result: 'restored' });
  }

  /** `{guild_id, permissions}` → `{result}`: a person let the demo bot into a server before a restart. */
  #restoreInvite({ guild_id, permissions }: Record<string, unknown>): SandboxAnswer {
    const guild = typeof guild_id === 'string' ? this.#world.guilds.get(guild_id) : undefined;
    if (!guild) return answerError(400, `unknown guild_id: ${String(guild_id)}`);
    if (!Array.isArray(permissions)) return answerError(400, 'permissions must be a list');
    const bot = [...this.#world.bots.values()].find(({ id }) => id === SANDBOX_BOT.id);
    const isKnown = !bot || guild.members.has(bot.id);
    if (!isKnown) this.#world.invite(guild, bot.id, permissions.map(String));
    return answerJson(200, { result: isKnown ? 'known' : 'restored' });
  }

  /** `{id, name?, channel_id}` → `{id, channel_id}`: a server of the demo owner's, without the bot. */
  #addGuild({ id, name, channel_id }: Record<string, unknown>): SandboxAnswer {
    for (const given of [id, channel_id])
      if (typeof given !== 'string' || !/^\d{1,20}$/.test(given))
        return answerError(400, `not an id: ${String(given)}`);
    if (this.#world.guilds.has(String(id)) || this.#world.channels.has(String(channel_id)))
      return answerError(400, `not a new id: ${String(id)}, ${String(channel_id)}`);
    this.#world.addGuild(String(id), String(name ?? `server_${String(id)}`), String(channel_id));
    return answerJson(200, { id, channel_id });
  }

  /** `{id}` → `{reset}`: the bot's token is worthless from now on. */
  #resetToken({ id }: Record<string, unknown>): SandboxAnswer {
    const tokens = [...this.#world.bots].flatMap(([token, bot]) => (bot.id === id ? [token] : []));
    for (const token of tokens) this.#world.bots.delete(token);
    this.revocations.add(...tokens);
    return answerJson(200, { reset: tokens.length });
  }

  /** `{id, username?, roles?}` → `{id}`: somebody joins the server, also after they left it. */
  #addMember({ id, username, roles }: Record<string, unknown>): SandboxAnswer {
    if (typeof id !== 'string' || !/^\d{1,20}$/.test(id))
      return answerError(400, `not an id: ${String(id)}`);
    const given = Array.isArray(roles) ? roles.map(String) : [];
    this.#world.addMember(id, String(username ?? `member_${id}`), given);
    return answerJson(200, { id });
  }

  /** `{id, name?}` → `{id}`: another channel of the server. */
  #addChannel({ id, name }: Record<string, unknown>): SandboxAnswer {
    if (typeof id !== 'string' || !/^\d{1,20}$/.test(id) || this.#world.channels.has(id))
      return answerError(400, `not a new id: ${String(id)}`);
    this.#world.addChannel(id, String(name ?? `channel_${id}`));
    return answerJson(200, { id });
  }

  /** `{channel_id, author_id, content, id?}` → `{id}`: somebody says something, now or when its id says. */
  #addMessage({ channel_id, author_id, content, id: own }: Record<string, unknown>): SandboxAnswer {
    if (typeof channel_id !== 'string' || !this.#world.channels.has(channel_id))
      return answerError(400, `unknown channel_id: ${String(channel_id)}`);
    if (typeof author_id !== 'string' || !this.#world.users.has(author_id))
      return answerError(400, `unknown author_id: ${String(author_id)}`);
    const { id } = this.#world.addMessage(channel_id, {
      author_id,
      content: String(content ?? ''),
      ...(own !== undefined && { id: String(own) }),
    });
    return answerJson(200, { id });
  }

  /** `{limits?, buckets?, drain_ms?, invalid_max?, role_permissions?}`: an unknown field is refused by name. */
  #changeWorld(changes: Record<string, unknown>): SandboxAnswer {
    for (const [name, value] of Object.entries(changes)) {
      if (name === 'limits' && typeof value === 'boolean') this.#limits.enabled = value;
      else if (name === 'drain_ms' && isCount(value)) this.#limits.drain(value);
      else if (name === 'invalid_max' && isCount(value)) this.#limits.invalidMax = value;
      else if (name === 'buckets' && isRecord(value)) this.#resize(value);
      else if (name === 'role_permissions' && isRecord(value)) this.#setPermissions(value);
      else return answerError(400, `not a fit value or an unknown field: ${name}`);
    }
    return answerJson(200, { changed: Object.keys(changes) });
  }

  /** Sizes of buckets by their routes: `{limit, period_ms}`. */
  #resize(given: Record<string, unknown>): void {
    for (const [route, size] of Object.entries(given)) {
      if (isRecord(size) && isCount(size['limit']) && isCount(size['period_ms']))
        this.#limits.resize(route, { limit: size['limit'], periodMs: size['period_ms'] });
    }
  }

  /** Permissions of roles by the ids of the roles. */
  #setPermissions(given: Record<string, unknown>): void {
    for (const guild of this.#world.guilds.values()) {
      for (const [id, permissions] of Object.entries(given)) {
        const role = guild.roles.get(id);
        if (role && Array.isArray(permissions)) role.permissions = permissions.map(String);
      }
    }
  }
}

function findRoute(method: string, path: string): Found | undefined {
  // Clients may encode the sign of "@me" and "@original".
  const plain = path.replaceAll('/%40', '/@');
  for (const { route, method: wanted, path: expression } of ROUTES) {
    const groups = method === wanted ? expression.exec(plain)?.groups : undefined;
    // A route without parts in its path has no groups at all.
    if (!groups && !(method === wanted && expression.test(plain))) continue;
    const decoded = Object.entries(groups ?? {}).map(([name, text]) => [name, decode(text)]);
    return { route, path: Object.fromEntries(decoded) as Found['path'] };
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function answerRefusal(
  { status, code, message, errors }: DiscordRefusal,
  headers?: Readonly<Record<string, string>>,
): SandboxAnswer {
  return answerJson(status, { message, code, ...(errors && { errors }) }, headers);
}

/** Cloudflare's own page; its form is unpublished, simulated. */
function answerLockedOut(): SandboxAnswer {
  return {
    status: 429,
    headers: { 'content-type': 'text/html', 'retry-after': '600' },
    body: '<!doctype html><title>Access denied</title><h1>Error 1015</h1>',
  };
}

function isNewId(id: unknown, world: DiscordWorld): id is string {
  return typeof id === 'string' && /^\d{1,20}$/.test(id) && !world.users.has(id);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
