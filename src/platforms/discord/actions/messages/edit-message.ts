import { Flag, Part, Parts, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Shape } from '../../../../actions/shapes.js';
import { attachFiles, MessageFile, MOST_FILES } from '../../files.js';
import { MESSAGE_COMPONENTS } from '../../shapes/components.js';
import {
  buildPath,
  discordAction,
  orderOfChannel,
  requireSame,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
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
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000001' })
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

  @Shape('Components in place of those there are; none takes them away', MESSAGE_COMPONENTS, {
    optional: true,
    private: true,
  })
  components?: JsonObject[];

  @Flag('The components are of the second kind', { optional: true })
  components_v2?: boolean;

  @Flag('Show no preview of addresses', { optional: true })
  suppress_embeds?: boolean;

  @Parts('Files in place of those there are', MessageFile, { optional: true, maxItems: MOST_FILES })
  files?: MessageFile[];

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
  run: async (input, _context, upstream) => {
    const { channel_id, message_id, files } = input;
    const request = {
      method: 'PATCH' as const,
      path: buildPath(['channels', channel_id, 'messages', message_id]),
      body: writeContent(input),
    };
    const { id } = await upstream.send<DiscordMessage>(await attachFiles(request, files, upstream));
    return { message_id: requireSame(id, message_id), message_edited: true };
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
