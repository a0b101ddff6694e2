import { ActionFailure } from '../../../../actions/failures.js';
import { Integer, List, Text } from '../../../../actions/fields.js';
import { carryOutParts, requireEveryPart } from '../../../../actions/parts.js';
import {
  buildPath,
  discordAction,
  giveReason,
  isSnowflake,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { IDS } from '../../mentions.js';

/** What one request takes. */
const MOST_AT_ONCE = 200;
const MOST = 2_000;
const LONGEST_SECONDS = 604_800;
/** None of the users of a request was banned. */
const NONE_BANNED = '500000';

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
  @List('Ids of who is banned', { maxItems: MOST })
  banned!: string[];

  @List('Ids of who is not: banned before, or not to be banned by the bot', { maxItems: MOST })
  failed!: string[];

  @List('Ids of who may be banned: Discord gave no clear answer', {
    optional: true,
    maxItems: MOST,
  })
  in_doubt?: string[];

  @List('Ids of who was not tried any more', { optional: true, maxItems: MOST })
  not_tried?: string[];

  @Text('Why a request failed, is in doubt or was not made', { optional: true })
  error?: string;
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
  takesLong: true,
  input: BulkBan,
  output: BulkBanned,
  check: ({ user_ids }) =>
    user_ids.every(isSnowflake) ? [] : [{ field: 'user_ids', message: 'must hold ids of Discord' }],
  run: async ({ guild_id, user_ids, delete_message_seconds, reason }, _context, upstream) => {
    const banned: string[] = [];
    const failed: string[] = [];
    const parts: string[][] = [];
    for (let from = 0; from < user_ids.length; from += MOST_AT_ONCE)
      parts.push(user_ids.slice(from, from + MOST_AT_ONCE));
    const report = await carryOutParts(
      parts,
      upstream,
      () => ({ banned: [...banned], failed: [...failed] }),
      async (users) => {
        const answer = await upstream.send<Partial<Banned>>({
          method: 'POST',
          path: buildPath(['guilds', guild_id, 'bulk-ban']),
          headers: giveReason(reason),
          body: {
            user_ids: users,
            ...(delete_message_seconds !== undefined && { delete_message_seconds }),
          },
        });
        if (!Array.isArray(answer.banned_users) || !Array.isArray(answer.failed_users))
          throw new ActionFailure(
            'UNREADABLE_ANSWER',
            'Discord accepted the request, and its answer does not tell who is banned',
          );
        banned.push(...answer.banned_users);
        failed.push(...answer.failed_users);
      },
    );
    const undone = [...report.failed, ...report.inDoubt];
    const [first] = undone;
    const result = { banned, failed: [...failed, ...report.failed.flatMap(({ part }) => part)] };
    // Where others are banned, a request of which none was is like users that failed.
    const isRefused = ({ failure }: (typeof undone)[number]): boolean =>
      failure.details.platformCode !== NONE_BANNED || banned.length === 0;
    const rest = { ...report, failed: report.failed.filter(isRefused) };
    requireEveryPart(rest, {
      what: 'users',
      size: (users) => users.length,
      name: (users) => `${users.length} users from ${users[0]}`,
      partialResult: {
        ...result,
        in_doubt: report.inDoubt.flatMap(({ part }) => part),
        not_tried: report.untried.flat(),
        error: (first?.failure ?? report.stoppedBy)?.message,
      },
    });
    return result;
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
