import { isRecord, type SandboxRequest } from '../../../sandbox/exchange.js';
import type { AccessToken, Grants } from './grants.js';
import type { TwitchLimits, WindowName } from './limits.js';
import type { TwitchChannel, TwitchUser, TwitchWorld } from './world.js';

/** Twitch's no: thrown by a call, answered as `{error, status, message}`. */
export class HelixRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The rooms a Helix call works with. */
export interface HelixRoom {
  readonly world: TwitchWorld;
  readonly grants: Grants;
  readonly limits: TwitchLimits;
}

/** One authenticated Helix request, with the checks that nearly every call makes. */
export class HelixCall {
  readonly world: TwitchWorld;
  #body: BodyFields | undefined;

  constructor(
    readonly request: SandboxRequest,
    readonly token: AccessToken,
    private readonly room: HelixRoom,
  ) {
    this.world = room.world;
  }

  /** The token's user; undefined for an app token. */
  get userId(): string | undefined {
    return this.token.grant?.user_id;
  }

  /** The body as an object; read once, since a malformed one refuses the call. */
  get body(): BodyFields {
    return (this.#body ??= readBody(this.request.body, this.request.query));
  }

  readQuery(name: string): string | undefined {
    const value = this.request.query.get(name);
    return value === null || value === '' ? undefined : value;
  }

  /** A query parameter that may be repeated, up to a hundred times. */
  readAll(name: string): string[] {
    const values = this.request.query.getAll(name).filter((value) => value !== '');
    if (values.length > 100)
      throw new HelixRefusal(400, `The number of ${name} parameters exceeds the maximum of 100.`);
    return values;
  }

  requireQuery(name: string): string {
    const value = this.readQuery(name);
    if (value === undefined) throw new HelixRefusal(400, `Missing required parameter "${name}"`);
    return value;
  }

  /** A user id of the query; Twitch's are numbers. */
  requireId(name: string): string {
    const id = this.requireQuery(name);
    if (!/^\d+$/.test(id)) throw new HelixRefusal(400, `The ID in ${name} is not valid.`);
    return id;
  }

  /** Refuses a token that lacks the scope; with several, any of them will do. */
  requireScope(...scopes: readonly string[]): void {
    if (scopes.some((scope) => this.token.scopes.has(scope))) return;
    throw new HelixRefusal(401, `Missing scope: ${scopes.join(' or ')}`);
  }

  /** Refuses a token of anybody but this user. */
  requireSelf(name: string, id: string): void {
    if (id === this.userId) return;
    throw new HelixRefusal(
      401,
      `The ID in ${name} must match the user ID found in the request's OAuth token.`,
    );
  }

  /**
   * Refuses a token that may not speak for this user in this channel. An app token may, once the
   * user consented to the scope and to user:bot, and is a moderator there or the channel consented
   * to channel:bot.
   */
  requireActor(name: string, id: string, channel: TwitchChannel, scope: string): void {
    if (this.userId !== undefined) {
      this.requireSelf(name, id);
      return;
    }
    const { client_id } = this.token;
    const { grants, world } = this.room;
    const mayAct = grants.consented(id, client_id, [scope, 'user:bot']);
    const mayEnter =
      world.moderates(id, channel) ||
      grants.consented(channel.broadcaster_id, client_id, ['channel:bot']);
    if (!mayAct || !mayEnter) throw new HelixRefusal(401, `Missing scope: ${scope}`);
  }

  /** Refuses a user who does not moderate the channel, with the status that the call documents. */
  requireModerator(id: string, channel: TwitchChannel, status = 403): void {
    if (this.world.moderates(id, channel)) return;
    throw new HelixRefusal(
      status,
      "The user in moderator_id is not one of the broadcaster's moderators.",
    );
  }

  requireUser(name: string, id: string, status = 400): TwitchUser {
    const user = this.world.users.get(id);
    if (!user) throw new HelixRefusal(status, `The ID in ${name} was not found.`);
    return user;
  }

  requireChannel(name: string, id: string, status = 400): TwitchChannel {
    return this.world.channel(this.requireUser(name, id, status).id);
  }

  /** Refuses with 429 once the call's own window is full. */
  spend(window: WindowName, key: string): void {
    if (this.room.limits.spend(window, key)) return;
    throw new HelixRefusal(429, 'The rate limit of this endpoint has been exceeded.');
  }

  spendRecipient(from: string, to: string): void {
    if (this.room.limits.spendRecipient(from, to)) return;
    throw new HelixRefusal(429, 'The daily limit of whisper recipients has been exceeded.');
  }

  /** One page of a list, with the cursor to the next. */
  paginate<T>(
    items: readonly T[],
    largest: number,
  ): { data: T[]; pagination: { cursor?: string } } {
    const first = Number(this.readQuery('first') ?? Math.min(20, largest));
    if (!Number.isInteger(first) || first < 1 || first > largest)
      throw new HelixRefusal(
        400,
        `The parameter "first" must be in the range 1 through ${largest}.`,
      );
    const start = Number(this.readQuery('after') ?? 0);
    if (!Number.isInteger(start) || start < 0)
      throw new HelixRefusal(400, 'The cursor in "after" is not valid.');
    const end = start + first;
    const pagination = end < items.length ? { cursor: String(end) } : {};
    return { data: items.slice(start, end), pagination };
  }
}

/** The fields of a JSON object, each read with its type; a wrong one refuses the call. */
export class BodyFields {
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly path = '',
  ) {}

  has(name: string): boolean {
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  readText(name: string, limit?: { max: number; status?: number }): string | undefined {
    if (!this.has(name)) return undefined;
    const value = this.values[name];
    if (typeof value !== 'string') throw this.#refuse(name, 'must be a string');
    if (limit && countCharacters(value) > limit.max)
      throw new HelixRefusal(
        limit.status ?? 400,
        `The ${this.path}${name} field may contain at most ${limit.max} characters.`,
      );
    return value;
  }

  requireText(name: string, limit?: { max: number; status?: number }): string {
    const value = this.readText(name, limit);
    if (value === undefined || value === '') throw this.#refuse(name, 'is required');
    return value;
  }

  readInteger(name: string, range: { min: number; max: number }): number | undefined {
    if (!this.has(name)) return undefined;
    const given = this.values[name];
    const value = typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : given;
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw this.#refuse(name, 'must be an integer');
    if (value < range.min || value > range.max)
      throw this.#refuse(name, `must be in the range ${range.min} through ${range.max}`);
    return value;
  }

  requireInteger(name: string, range: { min: number; max: number }): number {
    const value = this.readInteger(name, range);
    if (value === undefined) throw this.#refuse(name, 'is required');
    return value;
  }

  readFlag(name: string): boolean | undefined {
    if (!this.has(name)) return undefined;
    const value = this.values[name];
    if (typeof value !== 'boolean') throw this.#refuse(name, 'must be a boolean');
    return value;
  }

  /** A member as it came. */
  readValue(name: string): unknown {
    return this.values[name];
  }

  readTexts(name: string): string[] | undefined {
    if (!this.has(name)) return undefined;
    const value = this.values[name];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
      throw this.#refuse(name, 'must be a list of strings');
    return value;
  }

  readObjects(name: string): BodyFields[] | undefined {
    if (!this.has(name)) return undefined;
    const value = this.values[name];
    if (!Array.isArray(value) || !value.every(isRecord))
      throw this.#refuse(name, 'must be a list of objects');
    return value.map((item, index) => new BodyFields(item, `${this.path}${name}[${index}].`));
  }

  requireObjects(name: string, count: { min: number; max: number }): BodyFields[] {
    const items = this.readObjects(name);
    if (items === undefined) throw this.#refuse(name, 'is required');
    if (items.length < count.min || items.length > count.max)
      throw this.#refuse(name, `must have ${count.min} through ${count.max} items`);
    return items;
  }

  requireObject(name: string): BodyFields {
    const value = this.values[name];
    if (value === undefined || value === null) throw this.#refuse(name, 'is required');
    if (!isRecord(value)) throw this.#refuse(name, 'must be an object');
    return new BodyFields(value, `${this.path}${name}.`);
  }

  #refuse(name: string, why: string): HelixRefusal {
    return new HelixRefusal(400, `The ${this.path}${name} field ${why}.`);
  }
}

/**
 * A member that the body lacks may stand in the query: the libraries send some so, and Twitch takes them. No
 * document of Twitch says it.
 */
function readBody(text: string, query: URLSearchParams): BodyFields {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new HelixRefusal(400, 'The request body is not valid JSON.');
  }
  if (!isRecord(value)) throw new HelixRefusal(400, 'The request body must be a JSON object.');
  return new BodyFields({ ...Object.fromEntries(query), ...value });
}

/** Which characters Twitch counts is unpublished; simulated: code points. */
function countCharacters(text: string): number {
  return [...text].length;
}

/** The first characters of a text, never half of one. */
export function cutText(text: string, max: number): string {
  return countCharacters(text) > max ? [...text].slice(0, max).join('') : text;
}

/** What a call answers: a value as JSON with 200, or another status with or without a value. */
export interface HelixResult {
  readonly status?: number;
  readonly value?: unknown;
}

/** One call of the API. A user token needs one of the scopes; an app token is refused unless `app`. */
export interface HelixRoute {
  readonly scopes?: readonly string[];
  readonly app?: true;
  handle(call: HelixCall): HelixResult;
}

export type HelixRoutes = Readonly<Record<string, HelixRoute>>;
