import { Flag, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

/** `name:id`, or as it stands in a text: `<:name:id>`, `<a:name:id>`. */
const CUSTOM = /^(?:<a?:)?(\w{2,32}:\d{1,20})>?$/;
const UNICODE =
  /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3])[\p{Emoji}\p{Emoji_Component}]+$/u;

class AddReaction {
  @Snowflake('Id of the channel', { example: '700000000000000001' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000001' })
  message_id!: string;

  @Text("An emoji, or name:id of one of the server's own", { max: 64, example: '👍' })
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
  check: ({ emoji }) =>
    CUSTOM.test(emoji) || UNICODE.test(emoji)
      ? []
      : [{ field: 'emoji', message: 'must be an emoji such as 👍, or name:id of a custom one' }],
  request: ({ channel_id, message_id, emoji }) => {
    const name = CUSTOM.exec(emoji)?.[1] ?? emoji;
    const path = ['channels', channel_id, 'messages', message_id, 'reactions', name];
    return { method: 'PUT', path: `${buildPath(path)}/@me` };
  },
  yes: 'no body',
  response: () => ({ reaction_added: true }),
  example: {
    input: { channel_id: '700000000000000001', message_id: '1300000000000000005', emoji: '👍' },
    output: { reaction_added: true },
  },
});
