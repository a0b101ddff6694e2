import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Integer, Text } from '../../../../actions/fields.js';
import { notFound } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readItems } from '../../youtube-request.js';

class GetChannel {
  @Text('Id or handle of the channel; left out for the account itself', {
    optional: true,
    max: 100,
    pattern: /^(@[^\s/?#<>]{1,99}|[A-Za-z0-9_-]+)$/,
    patternMeans: 'an id such as "UC…", or a handle such as "@name"',
    example: '@demo',
  })
  channel?: string;
}

class ChannelDetails {
  @YouTubeId('Id of the channel')
  id!: string;

  @Text('Its name', { min: 0 })
  title!: string;

  @Text('Its description', { min: 0 })
  description!: string;

  @Text('Its handle', { optional: true })
  handle?: string;

  @Integer('Its subscribers, rounded by YouTube; missing where they are hidden', {
    optional: true,
    min: 0,
  })
  subscriber_count?: number;

  @Integer('Its videos', { optional: true, min: 0 })
  video_count?: number;

  @YouTubeId('The playlist of its uploads', { optional: true })
  uploads_playlist_id?: string;
}

/** A count, which travels as text. */
function readCount(text: string | null | undefined): number | undefined {
  return text ? Number(text) : undefined;
}

/** @see https://developers.google.com/youtube/v3/docs/channels/list */
export const getChannel = youtubeAction({
  type: 'get_channel',
  group: 'account',
  summary: 'Read a channel by its id or handle, or the account itself',
  docs: 'https://developers.google.com/youtube/v3/docs/channels/list',
  effect: 'read',
  cacheSeconds: 60,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['channels.list'],
  input: GetChannel,
  output: ChannelDetails,
  request: ({ channel }) =>
    buildYouTubeRequest((youtube) =>
      youtube.channels.list({
        part: ['snippet', 'contentDetails', 'statistics'],
        ...(channel === undefined
          ? { mine: true }
          : channel.startsWith('@')
            ? { forHandle: channel }
            : { id: [channel] }),
      }),
    ),
  response: (answer: youtube_v3.Schema$ChannelListResponse, { channel = 'of the account' }) => {
    const [found] = readItems<youtube_v3.Schema$Channel>(answer);
    if (!found) throw notFound('channel', channel);
    const { snippet, statistics, contentDetails } = found;
    return {
      id: readId(found),
      title: snippet?.title ?? '',
      description: snippet?.description ?? '',
      handle: snippet?.customUrl ?? undefined,
      subscriber_count: statistics?.hiddenSubscriberCount
        ? undefined
        : readCount(statistics?.subscriberCount),
      video_count: readCount(statistics?.videoCount),
      uploads_playlist_id: contentDetails?.relatedPlaylists?.uploads ?? undefined,
    };
  },
  example: {
    input: { channel: '@demo' },
    output: { id: 'UCsandboxDemoChannel0001', title: 'Demo Channel', description: '' },
  },
});
