import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { nameEmoji, ReactionEmoji } from '../../emoji.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class RemoveReaction {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000016' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000024' })
  message_id!: string;

  @ReactionEmoji({ example: '👍' })
  emoji!: string;
}

class RemoveReactionDone {
  @Flag('The reaction is gone')
  reaction_removed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#delete-own-reaction */
export const removeReaction = discordAction({
  type: 'remove_reaction',
  group: 'reactions',
  summary: "Take the bot's own reaction away",
  docs: 'https://discord.com/developers/docs/resources/message#delete-own-reaction',
  effect: 'delete',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: RemoveReaction,
  output: RemoveReactionDone,
  request: ({ channel_id, message_id, emoji }) => ({
    method: 'DELETE',
    path: `${buildPath(['channels', channel_id, 'messages', message_id, 'reactions', nameEmoji(emoji)])}/@me`,
  }),
  yes: 'no body',
  response: () => ({ reaction_removed: true }),
  example: {
    input: { channel_id: '700000000000000016', message_id: '1300000000000000024', emoji: '👍' },
    output: { reaction_removed: true },
  },
});
