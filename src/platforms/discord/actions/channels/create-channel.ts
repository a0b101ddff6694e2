import { Choice, Flag, Integer, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Kind, list, object, oneOf, Shape, text, whole } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel } from '../../names.js';
import { CREATE_OR_UPDATE_THREAD_TAG } from '../../shapes/channels.js';
import { ID } from '../../shapes/values.js';

class CreateChannel {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Kind(
    'Its kind',
    { text: 0, voice: 2, category: 4, announcement: 5, stage: 13, directory: 14, forum: 15 },
    { optional: true },
  )
  type?: number;

  @Text('Its name', { example: 'new-plans', max: 100 })
  name!: string;

  @Integer('Its place in the list', { optional: true, min: 0, max: 2147483647 })
  position?: number;

  @Text('Its topic', { optional: true, min: 0, max: 4096 })
  topic?: string;

  @Integer('Bits per second of a voice channel', { optional: true, min: 8000, max: 2147483647 })
  bitrate?: number;

  @Integer('The most people in a voice channel; 0 for no limit', {
    optional: true,
    min: 0,
    max: 2147483647,
  })
  user_limit?: number;

  @Flag('It is age-restricted', { optional: true })
  nsfw?: boolean;

  @Integer('Slow mode: seconds between two messages of a user', {
    optional: true,
    min: 0,
    max: 21600,
  })
  rate_limit_per_user?: number;

  @DiscordChannel('The category that it is in', { optional: true })
  parent_id?: string;

  @Shape(
    'Permissions of roles and members in it',
    list(
      object({
        id: ID,
        '?type': oneOf(0, 1),
        '?allow': whole(-2147483648, 2147483647),
        '?deny': whole(-2147483648, 2147483647),
      }),
      0,
      100,
    ),
    { optional: true },
  )
  permission_overwrites?: JsonObject[];

  @Text('Voice region', { optional: true, min: 0, max: 1000 })
  rtc_region?: string;

  @Kind('Quality of cameras', { auto: 1, full: 2 }, { optional: true })
  video_quality_mode?: number;

  @Kind(
    'After how long without messages its threads are archived, unless they say',
    { hour: 60, day: 1440, three_days: 4320, week: 10080 },
    { optional: true },
  )
  default_auto_archive_duration?: number;

  @Shape(
    'The emoji of the reaction button below posts',
    object({ '?emoji_id': ID, '?emoji_name': text(0, 100) }),
    { optional: true },
  )
  default_reaction_emoji?: JsonObject;

  @Integer('Slow mode of new threads, in seconds', { optional: true, min: 0, max: 21600 })
  default_thread_rate_limit_per_user?: number;

  @Kind('How posts are sorted', { latest_activity: 0, creation_date: 1 }, { optional: true })
  default_sort_order?: number;

  @Kind('How posts are laid out', { default: 0, list: 1, grid: 2 }, { optional: true })
  default_forum_layout?: number;

  @Choice('Whether posts must have all chosen tags, or some', ['match_all', 'match_some'], {
    optional: true,
  })
  default_tag_setting?: string;

  @Shape('Tags that posts may have', list(CREATE_OR_UPDATE_THREAD_TAG, 0, 20), { optional: true })
  available_tags?: JsonObject[];

  @Reason()
  reason?: string;
}

class CreateChannelResult {
  @Snowflake('Id of the channel')
  channel_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateChannelAnswer {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/guild#create-guild-channel */
export const createChannel = discordAction({
  type: 'create_channel',
  group: 'channels',
  summary: 'Create a channel or a category',
  docs: 'https://discord.com/developers/docs/resources/guild#create-guild-channel',
  effect: 'create',
  order: orderOfGuild('channels'),
  scopes: [],
  permissions: ['MANAGE_CHANNELS'],
  actsAs: 'account',
  input: CreateChannel,
  output: CreateChannelResult,
  request: ({ guild_id, reason, ...body }) => ({
    method: 'POST',
    path: buildPath(['guilds', guild_id, 'channels']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: CreateChannelAnswer) => ({ channel_id: answer.id, name: answer.name }),
  example: {
    input: { guild_id: '800000000000000001', name: 'new-plans', topic: 'What comes next' },
    output: { channel_id: '1300000000000000002', name: 'new-plans' },
  },
});
