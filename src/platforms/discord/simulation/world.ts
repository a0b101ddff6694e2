import { randomBytes } from 'node:crypto';

import type { Clock } from '../../../sandbox/exchange.js';
import type { Things, Wire } from './wire.js';
import {
  BOT_ROLE,
  DEMO_CHANNEL,
  DEMO_GUILD,
  HIDDEN_CHANNEL,
  OTHER_CHANNEL,
  OTHER_GUILD,
  OWNER,
  READ_ONLY_CHANNEL,
  SANDBOX_BOT,
  SEED_BOT_MESSAGE,
  SEED_MEMBERS,
  SEED_MESSAGE,
  SEED_OTHER_MESSAGE,
  SEED_ROLES,
  SEED_WEBHOOK,
  STRANGER,
} from './seed.js';

export interface DiscordUser {
  readonly id: string;
  readonly username: string;
  readonly bot: boolean;
}

export interface DiscordRole {
  readonly id: string;
  name: string;
  position: number;
  permissions: readonly string[];
  /** The bot that it came with. */
  readonly bot_id?: string;
  /** Its other members, as they are shown. */
  extra?: Wire;
}

export interface DiscordMember {
  readonly user_id: string;
  readonly roles: Set<string>;
  timed_out_until: number | null;
  /** Its other members, as they are shown. */
  extra?: Wire;
}

interface DiscordBan {
  readonly user_id: string;
  readonly reason: string | null;
  readonly delete_message_seconds: number;
}

/** What the audit log of a server keeps of one change. */
interface AuditEntry {
  readonly action: string;
  readonly by: string;
  readonly target_id: string;
  readonly reason: string | null;
  readonly at: number;
}

export interface DiscordGuild {
  readonly id: string;
  name: string;
  readonly owner_id: string;
  readonly roles: Map<string, DiscordRole>;
  readonly members: Map<string, DiscordMember>;
  readonly bans: Map<string, DiscordBan>;
  readonly audit: AuditEntry[];
  /** What it is set to, beside what a new one is. */
  readonly settings: Wire;
  readonly things: Things;
  /** Who is in which voice channel. */
  readonly voice: Map<string, Wire>;
}

export interface DiscordMessage {
  readonly id: string;
  readonly channel_id: string;
  readonly author_id: string;
  readonly webhook_id: string | null;
  readonly username: string;
  content: string;
  embeds: readonly unknown[];
  allowed_mentions: unknown;
  readonly attachments: readonly { id: string; filename: string; size: number }[];
  readonly reply_to: string | null;
  readonly nonce: string | null;
  readonly reactions: Map<string, Set<string>>;
  readonly at: number;
  edited: number | null;
  pinned: number | null;
  /** Its other members, as they are shown. */
  extra: Wire;
}

export interface DiscordChannel {
  readonly id: string;
  readonly guild_id: string;
  name: string;
  /** What roles and members may do here beside their roles, by their ids. */
  readonly overwrites: Map<string, Overwrite>;
  readonly messages: Map<string, DiscordMessage>;
  /** Its other members, as they are shown. */
  extra: Wire;
}

export interface Overwrite {
  readonly type: number;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface DiscordWebhook {
  readonly id: string;
  channel_id: string;
  name: string;
  readonly token: string;
  /** The channel whose messages it gets. */
  readonly follows?: string;
}

/** A use of a command or a component, which waits for its answer. */
export interface DiscordInteraction {
  readonly id: string;
  readonly token: string;
  readonly application_id: string;
  readonly channel_id: string;
  /** When it was made; undefined for those of examples, which wait for ever. */
  readonly at: number | undefined;
  answered: boolean;
  /** The first answer, if it is a message. */
  message_id: string | undefined;
}

/** The start of Discord, from which its ids count. */
export const EPOCH = 1_420_070_400_000;
/** "A few minutes", as the documentation says; the figure is unpublished, simulated. */
const NONCE_LIVES_MS = 300_000;

/** Discord's servers, people and messages, as far as the gateway's actions reach. */
export class DiscordWorld {
  readonly users = new Map<string, DiscordUser>();
  /** Bots by their tokens. */
  readonly bots = new Map<string, DiscordUser>();
  readonly guilds = new Map<string, DiscordGuild>();
  readonly channels = new Map<string, DiscordChannel>();
  readonly webhooks = new Map<string, DiscordWebhook>();
  /** Invites by their codes. */
  readonly invites = new Map<string, Wire>();
  /** Interactions by their tokens. */
  readonly interactions = new Map<string, DiscordInteraction>();
  /** What belongs to applications, by their ids. */
  readonly applications = new Map<string, { readonly settings: Wire; readonly things: Things }>();
  #last = 0n;

  constructor(readonly now: Clock) {
    this.guilds.set(DEMO_GUILD, {
      ...newGuild(DEMO_GUILD, 'Demo server'),
      roles: new Map(SEED_ROLES.map((role) => [role.id, { ...role }])),
    });
    for (const { id, username, roles } of SEED_MEMBERS) this.addMember(id, username, roles);
    this.users.set(STRANGER.id, { ...STRANGER, bot: false });
    this.addBot(SANDBOX_BOT);
    this.addChannel(DEMO_CHANNEL, 'general');
    this.addChannel(READ_ONLY_CHANNEL, 'announcements', ['SEND_MESSAGES', 'MANAGE_WEBHOOKS']);
    this.addChannel(HIDDEN_CHANNEL, 'staff', ['VIEW_CHANNEL']);
    this.addGuild(OTHER_GUILD, 'Other server', OTHER_CHANNEL);
    this.addMessage(DEMO_CHANNEL, {
      id: SEED_MESSAGE,
      author_id: SEED_MEMBERS[0]?.id ?? '',
      content: 'hello from the front row',
    });
    this.addMessage(DEMO_CHANNEL, {
      id: SEED_BOT_MESSAGE,
      author_id: SANDBOX_BOT.id,
      content: 'Welcome to the demo server',
    });
    this.addMessage(DEMO_CHANNEL, {
      id: SEED_OTHER_MESSAGE,
      author_id: SEED_MEMBERS[3]?.id ?? '',
      content: 'what are we playing?',
    });
    this.webhooks.set(SEED_WEBHOOK.id, { ...SEED_WEBHOOK, channel_id: DEMO_CHANNEL });
  }

  /** A server of the demo owner's with one channel and no other member. */
  addGuild(id: string, name: string, channelId: string): void {
    const everyone = { id, name: '@everyone', position: 0, permissions: [] };
    const owner = { user_id: OWNER, roles: new Set<string>(), timed_out_until: null };
    this.guilds.set(id, {
      ...newGuild(id, name),
      roles: new Map([[id, everyone]]),
      members: new Map([[OWNER, owner]]),
    });
    this.addChannel(channelId, 'lounge', [], { guild_id: id });
  }

  /** Lets a bot into a server, with a role of its own; once more, its permissions are the new ones. */
  invite(guild: DiscordGuild, botId: string, permissions: readonly string[]): void {
    const known = [...guild.roles.values()].find(({ bot_id }) => bot_id === botId);
    const role = known ?? {
      id: this.makeId(),
      name: this.users.get(botId)?.username ?? botId,
      position: guild.roles.size,
      permissions,
      bot_id: botId,
    };
    role.permissions = permissions;
    guild.roles.set(role.id, role);
    const member = guild.members.get(botId) ?? {
      user_id: botId,
      roles: new Set<string>(),
      timed_out_until: null,
    };
    member.roles.add(role.id);
    guild.members.set(botId, member);
    guild.audit.push({
      action: 'bot_add',
      by: guild.owner_id,
      target_id: botId,
      reason: null,
      at: this.now(),
    });
  }

  /** A new id, which also says when it was made. */
  makeId(): string {
    const id = BigInt(this.now() - EPOCH) << 22n;
    this.#last = id > this.#last ? id : this.#last + 1n;
    return String(this.#last);
  }

  /** @param denied permissions that bots lack here, in spite of their roles */
  addChannel(
    id: string,
    name: string,
    denied: readonly string[] = [],
    { guild_id = DEMO_GUILD, extra = { type: 0 } }: { guild_id?: string; extra?: Wire } = {},
  ): DiscordChannel {
    const overwrites = new Map<string, Overwrite>();
    if (denied.length > 0) overwrites.set(BOT_ROLE, { type: 0, allow: [], deny: denied });
    const channel = { id, guild_id, name, overwrites, messages: new Map(), extra };
    this.channels.set(id, channel);
    return channel;
  }

  addMember(id: string, username: string, roles: readonly string[] = []): void {
    this.users.set(id, { id, username, bot: false });
    this.join(id, roles);
  }

  addBot({ id, username, token }: { id: string; username: string; token: string }): void {
    const bot = { id, username, bot: true };
    this.users.set(id, bot);
    this.bots.set(token, bot);
    this.join(id, [BOT_ROLE]);
  }

  /** Gives a bot another name. */
  rename(bot: DiscordUser, username: string): void {
    const renamed = { ...bot, username };
    this.users.set(bot.id, renamed);
    for (const [token, one] of this.bots) if (one.id === bot.id) this.bots.set(token, renamed);
  }

  join(user_id: string, roles: readonly string[]): void {
    const member = { user_id, roles: new Set(roles), timed_out_until: null };
    this.guilds.get(DEMO_GUILD)?.members.set(user_id, member);
  }

  addMessage(
    channelId: string,
    given: Pick<DiscordMessage, 'author_id' | 'content'> & Partial<DiscordMessage>,
  ): DiscordMessage {
    const message: DiscordMessage = {
      id: this.makeId(),
      channel_id: channelId,
      webhook_id: null,
      username: this.users.get(given.author_id)?.username ?? '',
      embeds: [],
      allowed_mentions: null,
      attachments: [],
      reply_to: null,
      nonce: null,
      reactions: new Map(),
      at: this.now(),
      edited: null,
      pinned: null,
      extra: {},
      ...given,
    };
    this.channels.get(channelId)?.messages.set(message.id, message);
    return message;
  }

  /** The message that somebody sent with the same nonce a moment ago. */
  findByNonce(
    channel: DiscordChannel,
    authorId: string,
    nonce: string,
  ): DiscordMessage | undefined {
    return [...channel.messages.values()].find(
      (message) =>
        message.author_id === authorId &&
        message.nonce === nonce &&
        message.at > this.now() - NONCE_LIVES_MS,
    );
  }

  addWebhook(channelId: string, name: string): DiscordWebhook {
    const token = randomBytes(51).toString('base64url');
    const webhook = { id: this.makeId(), channel_id: channelId, name, token };
    this.webhooks.set(webhook.id, webhook);
    return webhook;
  }

  /** The place of a member's highest role. */
  rank(guild: DiscordGuild, userId: string): number {
    if (guild.owner_id === userId) return Infinity;
    const roles = [...(guild.members.get(userId)?.roles ?? [])];
    return Math.max(0, ...roles.map((id) => guild.roles.get(id)?.position ?? 0));
  }

  /** Things of a kind that an application has. */
  application(id: string): { readonly settings: Wire; readonly things: Things } {
    const known = this.applications.get(id) ?? { settings: {}, things: new Map() };
    this.applications.set(id, known);
    return known;
  }

  /**
   * Whether a member has a permission in a channel.
   * @see https://discord.com/developers/docs/topics/permissions#permission-overwrites
   */
  permitsIn(channel: DiscordChannel, userId: string, permission: string): boolean {
    const parent = this.channels.get(String(channel.extra['parent_id']));
    // A thread has the permissions of its channel.
    if (Number(channel.extra['type']) >= 10 && Number(channel.extra['type']) <= 12 && parent)
      return this.permitsIn(parent, userId, permission);
    const guild = this.guilds.get(channel.guild_id);
    if (!guild) return true;
    if (guild.owner_id === userId || this.permits(guild, userId, 'ADMINISTRATOR')) return true;
    let isPermitted = this.permits(guild, userId, permission);
    const roles = [...(guild.members.get(userId)?.roles ?? [])];
    for (const ids of [[guild.id], roles, [userId]]) {
      const found = ids.flatMap((id) => channel.overwrites.get(id) ?? []);
      if (found.some(({ deny }) => deny.includes(permission))) isPermitted = false;
      if (found.some(({ allow }) => allow.includes(permission))) isPermitted = true;
    }
    return isPermitted;
  }

  /** Whether the roles of a member give a permission. */
  permits(guild: DiscordGuild, userId: string, permission: string): boolean {
    if (guild.owner_id === userId) return true;
    const roles = [guild.id, ...(guild.members.get(userId)?.roles ?? [])];
    return roles.some((id) => {
      const permissions = guild.roles.get(id)?.permissions ?? [];
      return permissions.includes(permission) || permissions.includes('ADMINISTRATOR');
    });
  }
}

function newGuild(id: string, name: string): DiscordGuild {
  return {
    id,
    name,
    owner_id: OWNER,
    roles: new Map(),
    members: new Map(),
    bans: new Map(),
    audit: [],
    settings: {},
    things: new Map(),
    voice: new Map(),
  };
}
