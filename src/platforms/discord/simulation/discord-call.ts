import { isRecord, readObject, type SandboxRequest } from '../../../sandbox/exchange.js';
import { type FormPart, readForm } from '../../../sandbox/multipart.js';
import type { DiscordLimits } from './limits.js';
import type {
  DiscordChannel,
  DiscordGuild,
  DiscordMember,
  DiscordUser,
  DiscordWorld,
} from './world.js';
import type { Wire } from './wire.js';

/** Discord's no: thrown by a call, answered as `{code, message, errors?}`. */
export class DiscordRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly errors?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}

export interface DiscordRoom {
  readonly world: DiscordWorld;
  readonly limits: DiscordLimits;
}

/** What a call answers: a value as JSON with 200, or 204 with none. */
export type DiscordResult = unknown;

export interface DiscordRoute {
  /** Such as `POST /channels/:channel/messages`. */
  readonly pattern: string;
  /** The part of the path that has buckets of its own; a webhook's are its id and token. */
  readonly major: 'channel' | 'guild' | 'webhook' | 'user';
  /** The status of a success with a body; 200 when left out. */
  readonly status?: 201;
  /** What gives the right is in the path, and no Authorization is asked for. */
  readonly open?: true;
  handle(call: DiscordCall): DiscordResult;
}

/** One request, with the checks that nearly every call makes. */
export class DiscordCall {
  readonly world: DiscordWorld;

  constructor(
    readonly request: SandboxRequest,
    readonly path: Readonly<Record<string, string>>,
    /** Who asks; undefined where the path gives the right. */
    private readonly asker: DiscordUser | undefined,
    room: DiscordRoom,
  ) {
    this.world = room.world;
  }

  get bot(): DiscordUser {
    if (!this.asker) throw new DiscordRefusal(401, 0, '401: Unauthorized');
    return this.asker;
  }

  /** The body as an object, from JSON or from a form's `payload_json`. */
  readBody(): Record<string, unknown> {
    const form = this.readFiles() && readForm(this.request.headers, this.request.raw);
    // Some forms have their texts as parts of their own.
    if (form && form.every(({ part }) => part !== 'payload_json'))
      return Object.fromEntries(
        form.flatMap(({ part, filename, text }) => (filename === undefined ? [[part, text]] : [])),
      );
    const text = form
      ? (form.find(({ part }) => part === 'payload_json')?.text ?? '{}')
      : this.request.body || '{}';
    const value = readObject(text);
    if (value) return value;
    throw new DiscordRefusal(400, 50_109, 'The request body contains invalid JSON.');
  }

  /** The body as a list of objects. */
  readList(): Wire[] {
    let value: unknown;
    try {
      value = JSON.parse(this.request.body);
    } catch {
      value = undefined;
    }
    if (Array.isArray(value) && value.every(isRecord)) return value;
    throw new DiscordRefusal(400, 50_109, 'The request body contains invalid JSON.');
  }

  readFiles(): readonly FormPart[] | undefined {
    return readForm(this.request.headers, this.request.raw)?.filter(
      ({ filename }) => filename !== undefined,
    );
  }

  requireChannel(): DiscordChannel {
    const channel = this.world.channels.get(this.readId('channel'));
    if (!channel) throw new DiscordRefusal(404, 10_003, 'Unknown Channel');
    this.requireAccess(channel);
    return channel;
  }

  requireAccess(channel: DiscordChannel): void {
    const guild = this.world.guilds.get(channel.guild_id);
    const isMember = guild
      ? guild.members.has(this.bot.id) && !this.#isHidden(channel)
      : [this.bot.id, channel.extra['recipient']].includes(this.bot.id);
    if (!isMember) throw new DiscordRefusal(403, 50_001, 'Missing Access');
  }

  /** Everybody sees a channel unless it is denied: the demo server's roles do not give VIEW_CHANNEL one by one. */
  #isHidden(channel: DiscordChannel): boolean {
    return !this.world.permitsIn(channel, this.bot.id, 'VIEW_CHANNEL') && isDenied(channel);
  }

  requireGuild(): DiscordGuild {
    const guild = this.world.guilds.get(this.readId('guild'));
    if (!guild) throw new DiscordRefusal(404, 10_004, 'Unknown Guild');
    if (!guild.members.has(this.bot.id)) throw new DiscordRefusal(403, 50_001, 'Missing Access');
    return guild;
  }

  requirePermission(place: DiscordGuild | DiscordChannel, permission: string): void {
    const isPermitted =
      'messages' in place
        ? this.world.permitsIn(place, this.bot.id, permission)
        : this.world.permits(place, this.bot.id, permission);
    if (isPermitted) return;
    throw new DiscordRefusal(403, 50_013, 'Missing Permissions');
  }

  requireUser(): DiscordUser {
    const user = this.world.users.get(this.readId('user'));
    if (user) return user;
    throw new DiscordRefusal(404, 10_013, 'Unknown User');
  }

  requireMember(guild: DiscordGuild): DiscordMember {
    const member = guild.members.get(this.requireUser().id);
    if (member) return member;
    throw new DiscordRefusal(404, 10_007, 'Unknown Member');
  }

  /** Refuses a member whose highest role is not below the bot's. */
  requireAbove(guild: DiscordGuild, userId: string): void {
    if (this.world.rank(guild, this.bot.id) > this.world.rank(guild, userId)) return;
    throw new DiscordRefusal(403, 50_013, 'Missing Permissions');
  }

  /** Notes a change with the reason that came in its header. */
  note(guild: DiscordGuild, action: string, target_id: string): string | null {
    const header = this.request.headers['x-audit-log-reason'];
    const reason = typeof header === 'string' ? decodeURIComponent(header) : null;
    if (reason !== null && [...reason].length > 512)
      throw refuseField(['reason'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 512 in length.');
    guild.audit.push({ action, by: this.bot.id, target_id, reason, at: this.world.now() });
    return reason;
  }

  readId(name: string): string {
    const id = this.path[name] ?? '';
    if (/^\d{1,20}$/.test(id)) return id;
    throw refuseField([`${name}_id`], 'NUMBER_TYPE_COERCE', `Value "${id}" is not snowflake.`);
  }
}

/** Whether something in a channel is denied to somebody. */
function isDenied(channel: DiscordChannel): boolean {
  return [...channel.overwrites.values()].some(({ deny }) => deny.includes('VIEW_CHANNEL'));
}

/** An invalid body: errors nest by field, and the last level lists what is wrong. */
export function refuseField(
  path: readonly string[],
  code: string,
  message: string,
): DiscordRefusal {
  const errors = path.reduceRight<Record<string, unknown>>((inner, name) => ({ [name]: inner }), {
    _errors: [{ code, message }],
  });
  return new DiscordRefusal(400, 50_035, 'Invalid Form Body', errors);
}
