import { refuseInput } from '../../../../actions/failures.js';
import { Text } from '../../../../actions/fields.js';
import { isObject, type JsonObject } from '../../../../actions/json.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class CloneChannel {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel to copy', { example: '700000000000000016' })
  channel_id!: string;

  @Text('Name of the copy; that of the channel if left out', { optional: true, max: 100 })
  name?: string;

  @DiscordChannel('The category of the copy; that of the channel if left out', { optional: true })
  parent_id?: string;

  @Reason()
  reason?: string;
}

class ClonedChannel {
  @Snowflake('Id of the copy')
  channel_id!: string;

  @Text('Its name')
  name!: string;
}

/** Members of a channel that a new one is given as they are. */
const COPIED = [
  'type',
  'position',
  'topic',
  'user_limit',
  'nsfw',
  'rate_limit_per_user',
  'parent_id',
  'rtc_region',
  'video_quality_mode',
  'default_auto_archive_duration',
  'default_thread_rate_limit_per_user',
  'default_sort_order',
  'default_forum_layout',
  'default_tag_setting',
] as const;
/** What is below it is not a voice channel's. */
const LEAST_BITRATE = 8_000;
const TAG = ['name', 'moderated', 'emoji_id', 'emoji_name'] as const;
const EMOJI = ['emoji_id', 'emoji_name'] as const;
/** What a server can have made: text, voice, category, announcement, stage, directory, forum. */
const MADE: ReadonlySet<unknown> = new Set([0, 2, 4, 5, 13, 14, 15]);

type Members = Readonly<Record<string, unknown>>;

interface Channel extends Members {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/guild#create-guild-channel */
export const cloneChannel = discordAction({
  type: 'clone_channel',
  group: 'channels',
  summary: 'Copy a channel with its settings, permissions and tags, and without its messages',
  docs: 'https://discord.com/developers/docs/resources/guild#create-guild-channel',
  effect: 'create',
  scopes: [],
  // Permissions of roles and members can be given to a new channel only by who may manage roles.
  permissions: ['VIEW_CHANNEL', 'MANAGE_CHANNELS', 'MANAGE_ROLES'],
  actsAs: 'account',
  input: CloneChannel,
  output: ClonedChannel,
  run: async ({ channel_id, name, parent_id, reason }, _context, upstream) => {
    const channel = await upstream.send<Channel>({
      method: 'GET',
      path: buildPath(['channels', channel_id]),
      placeholder: { id: channel_id, type: 0, name: '<its name>', guild_id: '<id of the server>' },
    });
    if (!MADE.has(channel['type']) || typeof channel['guild_id'] !== 'string') {
      const message = 'must be a channel of a server: threads and private chats cannot be copied';
      throw refuseInput([{ field: 'parameters.channel_id', message }]);
    }
    const made = await upstream.send<Channel>({
      method: 'POST',
      path: buildPath(['guilds', channel['guild_id'], 'channels']),
      headers: giveReason(reason),
      body: {
        ...copy(channel),
        name: name ?? channel.name,
        ...(parent_id !== undefined && { parent_id }),
      },
    });
    return { channel_id: made.id, name: made.name };
  },
  example: {
    input: { channel_id: '700000000000000016', name: 'rules-2', reason: 'A new start' },
    output: { channel_id: '1300000000000000002', name: 'rules-2' },
  },
});

function copy(channel: Channel): JsonObject {
  const { permission_overwrites: overwrites, available_tags: tags } = channel;
  const { default_reaction_emoji: emoji } = channel;
  return {
    ...take(channel, COPIED),
    ...(Number(channel['bitrate']) >= LEAST_BITRATE && take(channel, ['bitrate'])),
    ...(Array.isArray(overwrites) && {
      permission_overwrites: overwrites.filter(isObject).map(copyOverwrite),
    }),
    ...(isObject(emoji) && { default_reaction_emoji: take(emoji, EMOJI) }),
    ...(Array.isArray(tags) && {
      available_tags: tags.filter(isObject).map((tag) => take(tag, TAG)),
    }),
  };
}

function copyOverwrite({ id, type, allow, deny }: Members): JsonObject {
  return { ...take({ id, type }, ['id', 'type']), ...takeSums({ allow, deny }) };
}

/** Some members of an object; what is null is what a new channel has anyway. */
function take(from: Members, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  ) as JsonObject;
}

/** Discord tells permissions as text and takes a number, which holds all permissions of today. */
function takeSums(sums: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(sums).flatMap(([name, sum]) => {
      if (typeof sum !== 'string' || !/^\d{1,40}$/.test(sum)) return [];
      const value = Number(sum);
      return [[name, Number.isSafeInteger(value) ? value : sum] as const];
    }),
  );
}
