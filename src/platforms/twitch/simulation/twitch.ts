import {
  readNewGrant,
  readObject,
  type HelpLine,
  answerError,
  answerJson,
  describeUnsimulated,
  isRecord,
  readTokens,
  type Clock,
  type PlatformSimulation,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import type { Markup } from '../../../sandbox/html.js';
import { describeWorld, renderWorld } from './display.js';
import type { Revocations } from '../../../sandbox/revocations.js';
import { Grants } from './grants.js';
import { answerHelix } from './helix.js';
import { TwitchLimits } from './limits.js';
import { answerOauth } from './oauth.js';
import { SANDBOX_CLIENT } from './client.js';
import { TWITCH_SCOPES } from './scopes.js';
import { mutateWorld } from './world-control.js';
import { TwitchWorld } from './world.js';

const HELIX = '/helix';
const OAUTH = '/oauth2';

/** Twitch: Helix below `/twitch/helix`, OAuth below `/twitch/oauth2`. */
export class TwitchSimulation implements PlatformSimulation {
  readonly help: readonly HelpLine[] = [
    ['GET /sandbox/twitch/scopes', 'the scopes that Twitch has'],
    ['POST /sandbox/twitch/grants', '{"user_id","scopes","expires_in"}: tokens without a browser'],
    ['POST /sandbox/twitch/restore-grant', 'a grant from before a restart'],
    ['POST /sandbox/twitch/expire', '{"user_id"}: ends the access tokens'],
    ['POST /sandbox/twitch/revoke-grant', '{"user_id"}: the person takes the grants back'],
    [
      'POST /sandbox/twitch/world',
      '{"user_id","live",…}: changes a person, their channel, or Twitch',
    ],
    ['POST /sandbox/twitch/users', '{"users":[{"id","login","live"}]}: adds people'],
  ];
  readonly name = 'twitch';
  readonly #limits: TwitchLimits;
  readonly #grants: Grants;
  #world: TwitchWorld;

  constructor(
    private readonly now: Clock,
    revocations?: Revocations,
  ) {
    this.#limits = new TwitchLimits(now);
    this.#grants = new Grants(now, revocations);
    this.#world = new TwitchWorld(now);
  }

  answer(request: SandboxRequest): SandboxAnswer {
    if (request.path.startsWith(`${HELIX}/`)) {
      return answerHelix({ ...request, path: request.path.slice(HELIX.length) }, this.#room);
    }
    if (request.path.startsWith(`${OAUTH}/`)) {
      const inner = { ...request, path: request.path.slice(OAUTH.length) };
      return answerOauth(inner, { ...this.#room, now: this.now });
    }
    return answerError(501, describeUnsimulated(request.method, `/twitch${request.path}`));
  }

  control(request: SandboxRequest): SandboxAnswer | undefined {
    const route = `${request.method} ${request.path}`;
    if (route === 'GET /scopes') return answerJson(200, { scopes: TWITCH_SCOPES });
    if (request.method !== 'POST') return undefined;
    const body = readObject(request.body);
    if (!body) return answerError(400, 'the body must be a JSON object');
    switch (route) {
      case 'POST /grants':
        return this.#openGrant(body);
      case 'POST /restore-grant':
        return this.#restoreGrant(body);
      case 'POST /expire':
        return this.#forUser(body, (id) => ({ expired: this.#grants.expire(id) }));
      case 'POST /revoke-grant':
        return this.#forUser(body, (id) => ({ revoked: this.#grants.revoke(id) }));
      case 'POST /world':
        return mutateWorld(body, this.#world, this.#limits);
      case 'POST /users':
        return this.#addUsers(body);
      default:
        return undefined;
    }
  }

  describe(): Record<string, unknown> {
    return describeWorld(this.#world, this.#grants, this.#limits);
  }

  render(): Markup {
    return renderWorld(this.#world);
  }

  reset({ keepGrants }: { keepGrants: boolean }): void {
    this.#world = new TwitchWorld(this.now);
    this.#limits.clear();
    if (!keepGrants) {
      this.#grants.clear();
      return;
    }
    // People that were added by hand are gone from the world, and so is their consent.
    for (const { user_id } of this.#grants.list()) {
      if (!this.#world.users.has(user_id)) this.#grants.revoke(user_id);
    }
  }

  get #room() {
    return { world: this.#world, grants: this.#grants, limits: this.#limits };
  }

  /** `{user_id, scopes, expires_in?}` → `{access_token, refresh_token, expires_in, scope, user_id, login}`. */
  #openGrant(body: Record<string, unknown>): SandboxAnswer {
    const given = readNewGrant(body, TWITCH_SCOPES);
    if (typeof given === 'string') return answerError(400, given);
    return this.#forUser(body, (user_id, login) => {
      const issued = this.#grants.open({
        client_id: SANDBOX_CLIENT.id,
        user_id,
        ...given,
      });
      return {
        access_token: issued.access.value,
        refresh_token: issued.access.grant?.refresh_token,
        expires_in: issued.expires_in,
        scope: given.scopes,
        user_id,
        login,
      };
    });
  }

  /** `{user_id, scopes, access_token, refresh_token?, expires_in}` → `{result}`: a grant from before a restart. */
  #restoreGrant(body: Record<string, unknown>): SandboxAnswer {
    const tokens = readTokens(body);
    if (typeof tokens === 'string') return answerError(400, tokens);
    return this.#forUser(body, (user_id) => ({
      result: this.#grants.restore({ client_id: SANDBOX_CLIENT.id, user_id, ...tokens }),
    }));
  }

  /** `{users: [{id, login, display_name?, live?}]}` → `{added}`; for benchmarks with many channels. */
  #addUsers({ users }: Record<string, unknown>): SandboxAnswer {
    if (!Array.isArray(users)) return answerError(400, 'users must be a list');
    const known = new Set([...this.#world.users.values()].flatMap(({ id, login }) => [id, login]));
    for (const user of users) {
      if (!isRecord(user)) return answerError(400, 'a user must be {id, login}');
      const { id, login } = user;
      if (typeof id !== 'string' || !/^\d{1,20}$/.test(id) || known.has(id))
        return answerError(400, `not a new numeric id: ${String(id)}`);
      if (typeof login !== 'string' || !/^[a-z0-9_]{1,25}$/.test(login) || known.has(login))
        return answerError(400, `not a new login: ${String(login)}`);
      known.add(id).add(login);
    }
    for (const { id, login, display_name, live } of users) {
      this.#world.addUser({ id, login, display_name: String(display_name ?? login) });
      if (live === true) this.#world.channel(id).live_since = this.now();
    }
    return answerJson(200, { added: users.length });
  }

  #forUser(
    { user_id }: Record<string, unknown>,
    act: (id: string, login: string) => unknown,
  ): SandboxAnswer {
    const user = typeof user_id === 'string' ? this.#world.users.get(user_id) : undefined;
    if (!user) return answerError(400, `unknown user_id: ${String(user_id)}`);
    return answerJson(200, act(user.id, user.login));
  }
}
