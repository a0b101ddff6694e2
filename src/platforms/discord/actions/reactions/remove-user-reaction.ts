import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { nameEmoji, ReactionEmoji } from '../../emoji.js';
import { DiscordChannel, DiscordUser, GuildOfNames } from '../../names.js';

class RemoveUserReaction {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000016' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000024' })
  message_id!: string;

  @ReactionEmoji({ example: '🎉' })
  emoji!: string;

  @DiscordUser('The user', { example: '200000000000000001' })
  user_id!: string;
}

class RemoveUserReactionDone {
  @Flag('The reaction is gone')
  reaction_removed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#delete-user-reaction */
export const removeUserReaction = discordAction({
  type: 'remove_user_reaction',
  group: 'reactions',
  summary: "Take a user's reaction away",
  docs: 'https://discord.com/developers/docs/resources/message#delete-user-reaction',
  effect: 'delete',
  scopes: [],
  permissions: ['MANAGE_MESSAGES'],
  actsAs: 'account',
  input: RemoveUserReaction,
  output: RemoveUserReactionDone,
  request: ({ channel_id, message_id, emoji, user_id }) => ({
    method: 'DELETE',
    path: buildPath([
      'channels',
      channel_id,
      'messages',
      message_id,
      'reactions',
      nameEmoji(emoji),
      user_id,
    ]),
  }),
  yes: 'no body',
  response: () => ({ reaction_removed: true }),
  example: {
    input: {
      channel_id: '700000000000000016',
      message_id: '1300000000000000024',
      emoji: '🎉',
      user_id: '200000000000000001',
    },
    output: { reaction_removed: true },
  },
});
