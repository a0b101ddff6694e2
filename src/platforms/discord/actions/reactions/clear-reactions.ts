import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class ClearReactions {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000025' })
  message_id!: string;
}

class ClearReactionsDone {
  @Flag('No reaction is left')
  reactions_removed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#delete-all-reactions */
export const clearReactions = discordAction({
  type: 'clear_reactions',
  group: 'reactions',
  summary: 'Take all reactions of a message away',
  docs: 'https://discord.com/developers/docs/resources/message#delete-all-reactions',
  effect: 'delete',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_MESSAGES'],
  actsAs: 'account',
  input: ClearReactions,
  output: ClearReactionsDone,
  request: ({ channel_id, message_id }) => ({
    method: 'DELETE',
    path: buildPath(['channels', channel_id, 'messages', message_id, 'reactions']),
  }),
  yes: 'no body',
  response: () => ({ reactions_removed: true }),
  example: {
    input: { channel_id: '700000000000000024', message_id: '1300000000000000025' },
    output: { reactions_removed: true },
  },
});
