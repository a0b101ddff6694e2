import { Flag, Integer } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfMember,
  Reason,
  Snowflake,
} from '../../discord-action.js';

const DAY_SECONDS = 86_400;

class BanUser {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the user, member or not', { example: '200000000000000002' })
  user_id!: string;

  @Reason()
  reason?: string;

  @Integer('Messages of the last so many seconds are deleted', {
    optional: true,
    min: 0,
    max: 7 * DAY_SECONDS,
  })
  delete_message_seconds?: number;

  @Integer('The same in days, as the earlier service took it', { optional: true, min: 0, max: 7 })
  delete_message_days?: number;
}

class BannedUser {
  @Flag('The user is banned')
  user_banned!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#create-guild-ban */
export const banUser = discordAction({
  type: 'ban_user',
  group: 'moderation',
  summary: 'Ban a user from a server',
  docs: 'https://discord.com/developers/docs/resources/guild#create-guild-ban',
  effect: 'update',
  // A PUT of the same ban; what Discord answers to the second one is unpublished.
  repeatable: true,
  order: orderOfMember,
  scopes: [],
  permissions: ['BAN_MEMBERS'],
  actsAs: 'account',
  input: BanUser,
  output: BannedUser,
  check: ({ delete_message_seconds, delete_message_days }) =>
    delete_message_seconds !== undefined && delete_message_days !== undefined
      ? [
          {
            field: 'delete_message_days',
            message: 'give either delete_message_seconds or delete_message_days',
          },
        ]
      : [],
  request: ({ guild_id, user_id, reason, delete_message_seconds, delete_message_days }) => {
    const seconds =
      delete_message_days === undefined
        ? delete_message_seconds
        : delete_message_days * DAY_SECONDS;
    return {
      method: 'PUT',
      path: buildPath(['guilds', guild_id, 'bans', user_id]),
      headers: giveReason(reason),
      body: seconds === undefined ? {} : { delete_message_seconds: seconds },
    };
  },
  yes: 'no body',
  response: () => ({ user_banned: true }),
  example: {
    input: {
      guild_id: '800000000000000001',
      user_id: '200000000000000002',
      reason: 'Spam',
      delete_message_seconds: 3_600,
    },
    output: { user_banned: true },
  },
});
