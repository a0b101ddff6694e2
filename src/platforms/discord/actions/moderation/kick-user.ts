import { Flag } from '../../../../actions/fields.js';
import {
  discordAction,
  giveReason,
  orderOfMember,
  pathOfMember,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { DiscordUser } from '../../names.js';

class KickUser {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordUser('The member', { example: '200000000000000001' })
  user_id!: string;

  @Reason()
  reason?: string;
}

class KickedUser {
  @Flag('The user is no longer a member')
  user_kicked!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#remove-guild-member */
export const kickUser = discordAction({
  type: 'kick_user',
  group: 'moderation',
  summary: 'Remove a member from a server; with an invitation they may come back',
  docs: 'https://discord.com/developers/docs/resources/guild#remove-guild-member',
  effect: 'delete',
  order: orderOfMember,
  scopes: [],
  permissions: ['KICK_MEMBERS'],
  actsAs: 'account',
  input: KickUser,
  output: KickedUser,
  request: ({ reason, ...member }) => ({
    method: 'DELETE',
    path: pathOfMember(member),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ user_kicked: true }),
  example: {
    input: { guild_id: '800000000000000001', user_id: '200000000000000001', reason: 'Spam' },
    output: { user_kicked: true },
  },
});
