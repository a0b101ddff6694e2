import { Part } from '../../../../actions/fields.js';
import { buildPath, discordAction, makeNonce, orderOfChannel } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { Embed } from '../../embeds.js';
import {
  type DiscordMessage,
  findContentFaults,
  SentMessage,
  writeContent,
} from '../../messages.js';

class SendEmbed {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000001' })
  channel_id!: string;

  @Part('The embed', Embed, { private: true })
  embed!: Embed;
}

/** @see https://discord.com/developers/docs/resources/message#create-message */
export const sendEmbed = discordAction({
  type: 'send_embed',
  group: 'messages',
  summary: 'Send an embed to a channel',
  docs: 'https://discord.com/developers/docs/resources/message#create-message',
  effect: 'create',
  // By its nonce, as a message.
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['SEND_MESSAGES', 'EMBED_LINKS'],
  actsAs: 'account',
  input: SendEmbed,
  output: SentMessage,
  check: findContentFaults,
  request: ({ channel_id, embed }, context) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'messages']),
    body: { ...writeContent({ embed }), ...makeNonce(context) },
  }),
  response: ({ id }: DiscordMessage) => ({ message_id: id, message_sent: true }),
  example: {
    input: {
      channel_id: '700000000000000001',
      embed: { title: 'Live now', description: 'Speed run', color: 0x58_65_f2 },
    },
    output: { message_id: '1300000000000000001', message_sent: true },
  },
});
