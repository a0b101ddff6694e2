import { Choice, Flag, Integer, List, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Kind, list, object, oneOf, Shape, text, whole } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfChannel,
  Reason,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { IDS } from '../../mentions.js';
import { UPDATE_THREAD_TAG } from '../../shapes/channels.js';
import { ID } from '../../shapes/values.js';
import { findChannelChangeFaults } from '../../channel-changes.js';

class UpdateChannel {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;

  @Text('Its name', { optional: true, max: 100, visible: true })
  name?: string;

  @Kind(
    'Its kind',
    { text: 0, voice: 2, category: 4, announcement: 5, stage: 13, directory: 14, forum: 15 },
    { optional: true },
  )
  type?: number;

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

  @Integer('Flags of Discord as a sum', { optional: true, min: 0, max: 2147483647 })
  flags?: number;

  @Shape('Tags that posts may have', list(UPDATE_THREAD_TAG, 0, 20), { optional: true })
  available_tags?: JsonObject[];

  @Flag('The thread is archived', { optional: true })
  archived?: boolean;

  @Flag('Only moderators may open the thread again', { optional: true })
  locked?: boolean;

  @Flag('Everybody in a private thread may add others', { optional: true })
  invitable?: boolean;

  @Kind(
    'After how long without messages it is archived',
    { hour: 60, day: 1440, three_days: 4320, week: 10080 },
    { optional: true },
  )
  auto_archive_duration?: number;

  @List('Ids of its tags', { ...IDS, optional: true, maxItems: 5 })
  applied_tags?: string[];

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: [
      'name',
      'type',
      'position',
      'topic',
      'bitrate',
      'user_limit',
      'nsfw',
      'rate_limit_per_user',
      'parent_id',
      'permission_overwrites',
      'rtc_region',
      'video_quality_mode',
      'default_auto_archive_duration',
      'default_reaction_emoji',
      'default_thread_rate_limit_per_user',
      'default_sort_order',
      'default_forum_layout',
      'default_tag_setting',
      'flags',
      'available_tags',
      'archived',
      'locked',
      'invitable',
      'auto_archive_duration',
      'applied_tags',
    ],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateChannelResult {
  @Snowflake('Id of the channel')
  channel_id!: string;
}

interface UpdateChannelAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/channel#modify-channel */
export const updateChannel = discordAction({
  type: 'update_channel',
  group: 'channels',
  summary: 'Change a channel or a thread: name, topic, slow mode, category, archive, lock',
  docs: 'https://discord.com/developers/docs/resources/channel#modify-channel',
  effect: 'update',
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['MANAGE_CHANNELS', 'MANAGE_THREADS', 'MANAGE_ROLES'],
  actsAs: 'account',
  input: UpdateChannel,
  output: UpdateChannelResult,
  check: findChannelChangeFaults,
  request: ({ channel_id, guild_id: _guild, reset, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['channels', channel_id]),
    headers: giveReason(reason),
    body: { ...body, ...takeAway(reset) },
  }),
  response: (answer: UpdateChannelAnswer, input) => ({
    channel_id: requireSame(answer.id, input.channel_id),
  }),
  example: {
    input: { channel_id: '700000000000000024', topic: 'Work in progress', rate_limit_per_user: 5 },
    output: { channel_id: '700000000000000024' },
  },
});
