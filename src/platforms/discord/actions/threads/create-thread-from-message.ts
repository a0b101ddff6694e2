import { Integer, Text } from '../../../../actions/fields.js';
import { Kind } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfChannel,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class CreateThreadFromMessage {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000025' })
  message_id!: string;

  @Text('Its name', { example: 'More about this', max: 100 })
  name!: string;

  @Kind(
    'After how long without messages it is archived',
    { hour: 60, day: 1440, three_days: 4320, week: 10080 },
    { optional: true },
  )
  auto_archive_duration?: number;

  @Integer('Slow mode: seconds between two messages of a user', {
    optional: true,
    min: 0,
    max: 21600,
  })
  rate_limit_per_user?: number;

  @Reason()
  reason?: string;
}

class CreateThreadFromMessageResult {
  @Snowflake('Id of the thread, which is that of the message')
  thread_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateThreadFromMessageAnswer {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/channel#start-thread-from-message */
export const createThreadFromMessage = discordAction({
  type: 'create_thread_from_message',
  group: 'threads',
  summary: 'Open a thread at a message',
  docs: 'https://discord.com/developers/docs/resources/channel#start-thread-from-message',
  effect: 'create',
  order: orderOfChannel,
  scopes: [],
  permissions: ['CREATE_PUBLIC_THREADS'],
  actsAs: 'account',
  input: CreateThreadFromMessage,
  output: CreateThreadFromMessageResult,
  request: ({ channel_id, message_id, guild_id: _guild, reason, ...body }) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'messages', message_id, 'threads']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: CreateThreadFromMessageAnswer) => ({
    thread_id: answer.id,
    name: answer.name,
  }),
  example: {
    input: {
      channel_id: '700000000000000024',
      message_id: '1300000000000000025',
      name: 'More about this',
    },
    output: { thread_id: '1300000000000000025', name: 'More about this' },
  },
});
