import type { FieldViolation } from '../../../../actions/failures.js';
import { List, Part, Parts, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import {
  buildPath,
  discordAction,
  makeNonce,
  orderOfChannel,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { Embed } from '../../embeds.js';
import { attachFiles, MessageFile, MOST_FILES } from '../../files.js';
import { AllowedMentions, IDS } from '../../mentions.js';
import {
  type DiscordMessage,
  findContentFaults,
  LONGEST_CONTENT,
  MessageExtras,
  MOST_EMBEDS,
  SentMessage,
  writeContent,
} from '../../messages.js';

class SendMessage extends MessageExtras {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000001' })
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

  @List('Ids of up to three stickers', { ...IDS, optional: true, maxItems: 3 })
  sticker_ids?: string[];

  @Snowflake('Id of a message to forward; nothing else is sent then', { optional: true })
  forward_message_id?: string;

  @Snowflake('Id of the channel of the message to forward; this channel if left out', {
    optional: true,
  })
  forward_channel_id?: string;

  @Part('Whom mentions notify; no one if left out', AllowedMentions, { optional: true })
  allowed_mentions?: AllowedMentions;
}

const FORWARD = 1;

/** The message that is answered or forwarded. */
function refer(input: SendMessage): JsonObject {
  const { channel_id, reply_to_message_id, forward_message_id, forward_channel_id } = input;
  if (forward_message_id !== undefined)
    return {
      message_reference: {
        type: FORWARD,
        channel_id: forward_channel_id ?? channel_id,
        message_id: forward_message_id,
      },
    };
  return reply_to_message_id === undefined
    ? {}
    : { message_reference: { message_id: reply_to_message_id } };
}

/** A forward is the message as it was: nothing goes with it. */
function findFaults(input: SendMessage): FieldViolation[] {
  const { forward_message_id, forward_channel_id } = input;
  const places = ['guild_id', 'channel_id', 'forward_message_id', 'forward_channel_id'];
  const rest = Object.entries(input).filter(([name]) => !places.includes(name));
  if (forward_message_id === undefined)
    return [
      ...(forward_channel_id === undefined
        ? []
        : [{ field: 'forward_channel_id', message: 'goes with forward_message_id' }]),
      ...findContentFaults(input),
    ];
  const given = rest.find(([, value]) => value !== undefined);
  return given ? [{ field: given[0], message: 'must be left out with forward_message_id' }] : [];
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
  permissions: [
    'SEND_MESSAGES',
    'SEND_MESSAGES_IN_THREADS',
    'EMBED_LINKS',
    'ATTACH_FILES',
    'READ_MESSAGE_HISTORY',
    'SEND_POLLS',
    'SEND_TTS_MESSAGES',
  ],
  actsAs: 'account',
  input: SendMessage,
  output: SentMessage,
  check: findFaults,
  run: async (input, context, upstream) => {
    const { channel_id, files } = input;
    const request = {
      method: 'POST' as const,
      path: buildPath(['channels', channel_id, 'messages']),
      body: {
        ...(input.forward_message_id === undefined && writeContent(input)),
        ...refer(input),
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
