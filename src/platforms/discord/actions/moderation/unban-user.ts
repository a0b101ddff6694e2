import { Flag } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfMember,
  Reason,
  Snowflake,
} from '../../discord-action.js';

class UnbanUser {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the user', { example: '200000000000000021' })
  user_id!: string;

  @Reason()
  reason?: string;
}

class UnbanUserDone {
  @Flag('The user is not banned any more')
  user_unbanned!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#remove-guild-ban */
export const unbanUser = discordAction({
  type: 'unban_user',
  group: 'moderation',
  summary: 'Lift the ban of a user',
  docs: 'https://discord.com/developers/docs/resources/guild#remove-guild-ban',
  effect: 'update',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10026',
  order: orderOfMember,
  scopes: [],
  permissions: ['BAN_MEMBERS'],
  actsAs: 'account',
  input: UnbanUser,
  output: UnbanUserDone,
  request: ({ guild_id, user_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'bans', user_id]),
    headers: giveReason(reason),
    body: {},
  }),
  yes: 'no body',
  response: () => ({ user_unbanned: true }),
  example: {
    input: { guild_id: '800000000000000001', user_id: '200000000000000021', reason: 'Appeal' },
    output: { user_unbanned: true },
  },
});
