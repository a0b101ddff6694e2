import { Flag, Part, Parts, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, orderOfChannel, Snowflake } from '../../discord-action.js';
import { Embed } from '../../embeds.js';
import { AllowedMentions } from '../../mentions.js';
import {
  type DiscordMessage,
  findEditFaults,
  LONGEST_CONTENT,
  MOST_EMBEDS,
  writeContent,
} from '../../messages.js';

class EditMessage {
  @Snowflake('Id of the channel', { example: '700000000000000001' })
  channel_id!: string;

  @Snowflake("Id of one of the bot's own messages", { example: '1300000000000000001' })
  message_id!: string;

  @Text('The new text; an empty one takes it away', {
    optional: true,
    min: 0,
    max: LONGEST_CONTENT,
    private: true,
  })
  content?: string;

  @Part('One embed in place of those there are', Embed, { optional: true, private: true })
  embed?: Embed;

  @Parts('Embeds in place of those there are; none takes them away', Embed, {
    optional: true,
    maxItems: MOST_EMBEDS,
    private: true,
  })
  embeds?: Embed[];

  @Part('Whom mentions notify; no one if left out', AllowedMentions, { optional: true })
  allowed_mentions?: AllowedMentions;
}

class EditedMessage {
  @Snowflake('Id of the message')
  message_id!: string;

  @Flag('The message is changed')
  message_edited!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#edit-message */
export const editMessage = discordAction({
  type: 'edit_message',
  group: 'messages',
  summary: "Change one of the bot's own messages",
  docs: 'https://discord.com/developers/docs/resources/message#edit-message',
  effect: 'update',
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: EditMessage,
  output: EditedMessage,
  check: findEditFaults,
  request: ({ channel_id, message_id, ...content }) => ({
    method: 'PATCH',
    path: buildPath(['channels', channel_id, 'messages', message_id]),
    body: writeContent(content),
  }),
  response: ({ id }: DiscordMessage, { message_id }) => {
    if (id !== message_id) throw new TypeError('The answer is about another message');
    return { message_id, message_edited: true };
  },
  example: {
    input: {
      channel_id: '700000000000000001',
      message_id: '1300000000000000004',
      content: 'Hello, everybody!',
    },
    output: { message_id: '1300000000000000004', message_edited: true },
  },
});
