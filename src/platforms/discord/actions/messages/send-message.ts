import { Part, Parts, Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  makeNonce,
  orderOfChannel,
  Snowflake,
} from '../../discord-action.js';
import { Embed } from '../../embeds.js';
import { attachFiles, MessageFile, MOST_FILES } from '../../files.js';
import { AllowedMentions } from '../../mentions.js';
import {
  type DiscordMessage,
  findContentFaults,
  LONGEST_CONTENT,
  MOST_EMBEDS,
  SentMessage,
  writeContent,
} from '../../messages.js';

class SendMessage {
  @Snowflake('Id of the channel', { example: '700000000000000001' })
  channel_id!: string;

  @Text('What to say', {
    visible: true,
    optional: true,
    max: LONGEST_CONTENT,
    private: true,
    example: 'Hello!',
  })
  content?: string;

  @Part('One embed', Embed, { optional: true, private: true })
  embed?: Embed;

  @Parts('Up to ten embeds', Embed, { optional: true, maxItems: MOST_EMBEDS, private: true })
  embeds?: Embed[];

  @Parts('Up to ten files', MessageFile, { optional: true, maxItems: MOST_FILES })
  files?: MessageFile[];

  @Snowflake('Id of the message being replied to', { optional: true })
  reply_to_message_id?: string;

  @Part('Whom mentions notify; no one if left out', AllowedMentions, { optional: true })
  allowed_mentions?: AllowedMentions;
}

/** @see https://discord.com/developers/docs/resources/message#create-message */
export const sendMessage = discordAction({
  type: 'send_message',
  group: 'messages',
  summary: 'Send a message to a channel',
  docs: 'https://discord.com/developers/docs/resources/message#create-message',
  effect: 'create',
  // The nonce makes it so: Discord gives back the first message instead of sending a second.
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['SEND_MESSAGES', 'EMBED_LINKS', 'ATTACH_FILES', 'READ_MESSAGE_HISTORY'],
  actsAs: 'account',
  input: SendMessage,
  output: SentMessage,
  check: findContentFaults,
  run: async ({ channel_id, files, reply_to_message_id, ...content }, context, upstream) => {
    const request = {
      method: 'POST' as const,
      path: buildPath(['channels', channel_id, 'messages']),
      body: {
        ...writeContent(content),
        ...(reply_to_message_id !== undefined && {
          message_reference: { message_id: reply_to_message_id },
        }),
        ...makeNonce(context),
      },
    };
    const { id } = await upstream.send<DiscordMessage>(await attachFiles(request, files, upstream));
    return { message_id: id, message_sent: true };
  },
  example: {
    input: { channel_id: '700000000000000001', content: 'Hello!' },
    output: { message_id: '1300000000000000001', message_sent: true },
  },
});
