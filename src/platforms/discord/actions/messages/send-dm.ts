import { Part, Parts, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, makeNonce, Snowflake } from '../../discord-action.js';
import { Embed } from '../../embeds.js';
import { attachFiles, MessageFile, MOST_FILES } from '../../files.js';
import { AllowedMentions } from '../../mentions.js';
import {
  type DiscordMessage,
  findContentFaults,
  LONGEST_CONTENT,
  MessageExtras,
  MOST_EMBEDS,
  writeContent,
} from '../../messages.js';
import { DiscordUser, GuildOfNames } from '../../names.js';

/** The channel of two users stays the same. */
const CHANNEL_SECONDS = 3_600;

class SendDm extends MessageExtras {
  @GuildOfNames()
  guild_id?: string;

  @DiscordUser('Whom to write to', { example: '200000000000000001' })
  user_id!: string;

  @Text('What to say', {
    visible: true,
    optional: true,
    max: LONGEST_CONTENT,
    private: true,
    example: 'Hello!',
  })
  content?: string;

  @Parts('Up to ten embeds', Embed, { optional: true, maxItems: MOST_EMBEDS, private: true })
  embeds?: Embed[];

  @Parts('Up to ten files', MessageFile, { optional: true, maxItems: MOST_FILES })
  files?: MessageFile[];

  @Part('Whom mentions notify; no one if left out', AllowedMentions, { optional: true })
  allowed_mentions?: AllowedMentions;
}

class SentDm {
  @Snowflake('Id of the message')
  message_id!: string;

  @Snowflake('Id of the private channel')
  channel_id!: string;
}

/**
 * Discord locks bots out that open private channels too fast (40003); opening one changes nothing else.
 * @see https://discord.com/developers/docs/resources/user#create-dm
 */
export const sendDm = discordAction({
  type: 'send_dm',
  group: 'messages',
  summary: 'Send a private message to a user',
  docs: 'https://discord.com/developers/docs/resources/user#create-dm',
  effect: 'create',
  // By its nonce, as a message.
  repeatable: true,
  order: (_context, { user_id }) => `discord:dm:${user_id}`,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: SendDm,
  output: SentDm,
  check: findContentFaults,
  run: async (input, context, upstream) => {
    const { id: channel_id } = await upstream.look<{ readonly id: string }>(
      {
        method: 'POST',
        path: '/users/@me/channels',
        body: { recipient_id: input.user_id },
        changesNothing: true,
        placeholder: { id: '<id of the private channel>' },
      },
      CHANNEL_SECONDS,
    );
    const request = {
      method: 'POST' as const,
      path: buildPath(['channels', channel_id, 'messages']),
      body: { ...writeContent(input), ...makeNonce(context) },
    };
    const sent = await upstream.send<DiscordMessage>(
      await attachFiles(request, input.files, upstream),
    );
    return { message_id: sent.id, channel_id };
  },
  example: {
    input: { user_id: '200000000000000001', content: 'Hello!' },
    output: { message_id: '1300000000000000001', channel_id: '1300000000000000009' },
  },
});
