import { Integer, List } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { IDS } from '../../mentions.js';

/** What one request takes. */
const MOST_AT_ONCE = 200;
const MOST = 2_000;
const LONGEST_SECONDS = 604_800;

class BulkBan {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @List('Ids of the users; beyond 200 they are banned in several requests', {
    ...IDS,
    minItems: 1,
    maxItems: MOST,
    example: ['200000000000000022', '200000000000000023'],
  })
  user_ids!: string[];

  @Integer('Messages of the last so many seconds are deleted', {
    optional: true,
    min: 0,
    max: LONGEST_SECONDS,
  })
  delete_message_seconds?: number;

  @Reason()
  reason?: string;
}

class BulkBanned {
  @List('Ids of who is banned')
  banned!: string[];

  @List('Ids of who is not: banned before, or not to be banned by the bot')
  failed!: string[];
}

interface Banned {
  readonly banned_users: readonly string[];
  readonly failed_users: readonly string[];
}

/** @see https://discord.com/developers/docs/resources/guild#bulk-guild-ban */
export const bulkBan = discordAction({
  type: 'bulk_ban',
  group: 'moderation',
  summary: 'Ban many users at once',
  docs: 'https://discord.com/developers/docs/resources/guild#bulk-guild-ban',
  effect: 'update',
  order: orderOfGuild('bans'),
  scopes: [],
  permissions: ['BAN_MEMBERS', 'MANAGE_GUILD'],
  actsAs: 'account',
  input: BulkBan,
  output: BulkBanned,
  run: async ({ guild_id, user_ids, delete_message_seconds, reason }, _context, upstream) => {
    const banned: string[] = [];
    const failed: string[] = [];
    for (let from = 0; from < user_ids.length; from += MOST_AT_ONCE) {
      const answer = await upstream.send<Partial<Banned>>({
        method: 'POST',
        path: buildPath(['guilds', guild_id, 'bulk-ban']),
        headers: giveReason(reason),
        body: {
          user_ids: user_ids.slice(from, from + MOST_AT_ONCE),
          ...(delete_message_seconds !== undefined && { delete_message_seconds }),
        },
      });
      // What is missing makes the outcome UNKNOWN.
      if (!answer.banned_users || !answer.failed_users)
        return { banned, failed: undefined as never };
      banned.push(...answer.banned_users);
      failed.push(...answer.failed_users);
    }
    return { banned, failed };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      user_ids: ['200000000000000022', '200000000000000023'],
      reason: 'Raid',
    },
    output: { banned: ['200000000000000022', '200000000000000023'], failed: [] },
  },
});
