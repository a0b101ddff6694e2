import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { nameEmoji, ReactionEmoji } from '../../emoji.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class ClearReaction {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000028' })
  message_id!: string;

  @ReactionEmoji({ example: '👍' })
  emoji!: string;
}

class ClearReactionDone {
  @Flag('No reaction with the emoji is left')
  reactions_removed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#delete-all-reactions-for-emoji */
export const clearReaction = discordAction({
  type: 'clear_reaction',
  group: 'reactions',
  summary: 'Take all reactions with one emoji away',
  docs: 'https://discord.com/developers/docs/resources/message#delete-all-reactions-for-emoji',
  effect: 'delete',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_MESSAGES'],
  actsAs: 'account',
  input: ClearReaction,
  output: ClearReactionDone,
  request: ({ channel_id, message_id, emoji }) => ({
    method: 'DELETE',
    path: buildPath([
      'channels',
      channel_id,
      'messages',
      message_id,
      'reactions',
      nameEmoji(emoji),
    ]),
  }),
  yes: 'no body',
  response: () => ({ reactions_removed: true }),
  example: {
    input: { channel_id: '700000000000000024', message_id: '1300000000000000028', emoji: '👍' },
    output: { reactions_removed: true },
  },
});
