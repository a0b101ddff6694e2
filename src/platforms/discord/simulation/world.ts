import { randomBytes } from 'node:crypto';

import type { Clock } from '../../../sandbox/exchange.js';
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
  SEED_EMOJI,
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
  readonly name: string;
  readonly position: number;
  permissions: readonly string[];
  /** The bot that it came with. */
  readonly bot_id?: string;
}

export interface DiscordMember {
  readonly user_id: string;
  readonly roles: Set<string>;
  timed_out_until: number | null;
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
  readonly name: string;
  readonly owner_id: string;
  readonly roles: Map<string, DiscordRole>;
  readonly members: Map<string, DiscordMember>;
  readonly bans: Map<string, DiscordBan>;
  readonly emojis: Map<string, string>;
  readonly audit: AuditEntry[];
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
}

export interface DiscordChannel {
  readonly id: string;
  readonly guild_id: string;
  readonly name: string;
  /** Permissions that bots lack here, in spite of their roles. */
  readonly denied: readonly string[];
  readonly messages: Map<string, DiscordMessage>;
}

export interface DiscordWebhook {
  readonly id: string;
  readonly channel_id: string;
  readonly name: string;
  readonly token: string;
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
  #last = 0n;

  constructor(readonly now: Clock) {
    const guild: DiscordGuild = {
      id: DEMO_GUILD,
      name: 'Demo server',
      owner_id: OWNER,
      roles: new Map(SEED_ROLES.map((role) => [role.id, { ...role }])),
      members: new Map(),
      bans: new Map(),
      emojis: new Map([[SEED_EMOJI.id, SEED_EMOJI.name]]),
      audit: [],
    };
    this.guilds.set(guild.id, guild);
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
      id,
      name,
      owner_id: OWNER,
      roles: new Map([[id, everyone]]),
      members: new Map([[OWNER, owner]]),
      bans: new Map(),
      emojis: new Map(),
      audit: [],
    });
    const channel = { id: channelId, guild_id: id, name: 'lounge', denied: [] };
    this.channels.set(channelId, { ...channel, messages: new Map() });
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

  addChannel(id: string, name: string, denied: readonly string[] = []): void {
    this.channels.set(id, { id, guild_id: DEMO_GUILD, name, denied, messages: new Map() });
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

  /** Whether the roles of a member give a permission. */
  permits(guild: DiscordGuild, userId: string, permission: string): boolean {
    if (guild.owner_id === userId) return true;
    const roles = [...(guild.members.get(userId)?.roles ?? [])];
    return roles.some((id) => {
      const permissions = guild.roles.get(id)?.permissions ?? [];
      return permissions.includes(permission) || permissions.includes('ADMINISTRATOR');
    });
  }
}
