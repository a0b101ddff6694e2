import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { nameEmoji, ReactionEmoji } from '../../emoji.js';

class AddReaction {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000001' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000001' })
  message_id!: string;

  @ReactionEmoji({ example: '👍' })
  emoji!: string;
}

class AddedReaction {
  @Flag('The reaction is there')
  reaction_added!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#create-reaction */
export const addReaction = discordAction({
  type: 'add_reaction',
  group: 'reactions',
  summary: 'React to a message',
  docs: 'https://discord.com/developers/docs/resources/message#create-reaction',
  effect: 'create',
  repeatable: true,
  scopes: [],
  permissions: ['READ_MESSAGE_HISTORY', 'ADD_REACTIONS'],
  actsAs: 'account',
  input: AddReaction,
  output: AddedReaction,
  request: ({ channel_id, message_id, emoji }) => {
    const reactions = ['channels', channel_id, 'messages', message_id, 'reactions'];
    const path = [...reactions, nameEmoji(emoji)];
    return { method: 'PUT', path: `${buildPath(path)}/@me` };
  },
  yes: 'no body',
  response: () => ({ reaction_added: true }),
  example: {
    input: { channel_id: '700000000000000001', message_id: '1300000000000000005', emoji: '👍' },
    output: { reaction_added: true },
  },
});
