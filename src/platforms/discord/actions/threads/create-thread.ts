import { Flag, Integer, List, Part, Parts, Text } from '../../../../actions/fields.js';
import { Kind } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  leaveOut,
  orderOfChannel,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { Embed } from '../../embeds.js';
import { attachFiles, MessageFile, MOST_FILES } from '../../files.js';
import { AllowedMentions, IDS } from '../../mentions.js';
import { findContentFaults, LONGEST_CONTENT, MOST_EMBEDS, writeContent } from '../../messages.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class ForumMessage {
  @Text('What to say', { visible: true, optional: true, max: LONGEST_CONTENT, private: true })
  content?: string;

  @Parts('Up to ten embeds', Embed, { optional: true, maxItems: MOST_EMBEDS, private: true })
  embeds?: Embed[];

  @Parts('Up to ten files', MessageFile, { optional: true, maxItems: MOST_FILES })
  files?: MessageFile[];

  @Part('Whom mentions notify; no one if left out', AllowedMentions, { optional: true })
  allowed_mentions?: AllowedMentions;
}

class CreateThread {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel or the forum', { example: '700000000000000012' })
  channel_id!: string;

  @Text('Its name', { max: 100, visible: true, example: 'How do I start?' })
  name!: string;

  @Kind(
    'Its kind; in a forum it is left out',
    { announcement: 10, public: 11, private: 12 },
    { optional: true },
  )
  type?: number;

  @Kind(
    'After how long without messages it is archived',
    { hour: 60, day: 1440, three_days: 4320, week: 10080 },
    { optional: true },
  )
  auto_archive_duration?: number;

  @Integer('Slow mode: seconds between two messages of a user', {
    optional: true,
    min: 0,
    max: 21_600,
  })
  rate_limit_per_user?: number;

  @Flag('Everybody in a private thread may add others', { optional: true })
  invitable?: boolean;

  @List('Ids of its tags, in a forum', { ...IDS, optional: true, maxItems: 5 })
  applied_tags?: string[];

  @Part('The first message, in a forum', ForumMessage, { optional: true, private: true })
  message?: ForumMessage;

  @Reason()
  reason?: string;
}

class CreatedThread {
  @Snowflake('Id of the thread')
  thread_id!: string;
}

/** @see https://discord.com/developers/docs/resources/channel#start-thread-in-forum-or-media-channel */
export const createThread = discordAction({
  type: 'create_thread',
  group: 'threads',
  summary: 'Open a thread in a channel, or a post in a forum',
  docs: 'https://discord.com/developers/docs/resources/channel#start-thread-without-message',
  effect: 'create',
  order: orderOfChannel,
  scopes: [],
  permissions: ['CREATE_PUBLIC_THREADS', 'CREATE_PRIVATE_THREADS', 'SEND_MESSAGES'],
  actsAs: 'account',
  input: CreateThread,
  output: CreatedThread,
  check: ({ message, type, invitable, applied_tags }) => {
    if (message) {
      const field =
        type === undefined ? (invitable === undefined ? undefined : 'invitable') : 'type';
      return [
        ...(field === undefined ? [] : [{ field, message: 'must be left out in a forum' }]),
        ...findContentFaults(message).map((fault) => ({
          field: 'message',
          message: `${fault.field} ${fault.message}`,
        })),
      ];
    }
    return applied_tags === undefined
      ? []
      : [{ field: 'applied_tags', message: 'goes with message, in a forum' }];
  },
  run: async (input, _context, upstream) => {
    const { channel_id, message, reason, ...given } = input;
    const thread = leaveOut(given, ['guild_id']);
    const request = {
      method: 'POST' as const,
      path: buildPath(['channels', channel_id, 'threads']),
      headers: giveReason(reason),
      body: { ...thread, ...(message && { message: writeContent(message) }) },
    };
    const { id } = await upstream.send<{ readonly id: string }>(
      await attachFiles(request, message?.files, upstream, 'message'),
    );
    return { thread_id: id };
  },
  example: {
    input: {
      channel_id: '700000000000000012',
      name: 'How do I start?',
      message: { content: 'I am new here' },
    },
    output: { thread_id: '1300000000000000001' },
  },
});
