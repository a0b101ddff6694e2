import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Text } from '../../../../actions/fields.js';
import { listOf, notFound, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, buildYouTubeRequest, readItems, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 50;

class ListVideos extends paged(LARGEST_PAGE) {
  @YouTubeId('Of another channel; left out for the account itself', { optional: true })
  channel_id?: string;
}

class ListedVideo {
  @YouTubeId('Id of the video')
  id!: string;

  @Text('Its title', { min: 0 })
  title!: string;

  @Text('Its description', { min: 0 })
  description!: string;

  @Text('When it was published', { min: 0 })
  published_at!: string;
}

/**
 * The uploads of a channel, the newest first: they are a playlist, which is found first. A search would take
 * one of the hundred searches of a day.
 * @see https://developers.google.com/youtube/v3/docs/playlistItems/list
 */
export const listVideos = youtubeAction({
  type: 'list_videos',
  group: 'video',
  summary: 'List the videos that a channel has uploaded, the newest first',
  docs: 'https://developers.google.com/youtube/v3/docs/playlistItems/list',
  effect: 'read',
  cacheSeconds: 30,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlistItems.list'],
  input: ListVideos,
  output: listOf(ListedVideo),
  run: async (input, context, upstream) => {
    const { channel_id } = input;
    const channels = await askYouTube(
      upstream,
      (youtube) =>
        youtube.channels.list({
          part: ['contentDetails'],
          ...(channel_id === undefined ? { mine: true } : { id: [channel_id] }),
        }),
      {
        items: [{ contentDetails: { relatedPlaylists: { uploads: '<playlist of the uploads>' } } }],
      },
    );
    const [channel] = readItems<youtube_v3.Schema$Channel>(channels);
    const playlistId = channel?.contentDetails?.relatedPlaylists?.uploads ?? undefined;
    if (playlistId === undefined) throw notFound('channel', channel_id ?? 'of the account');
    const read = readPages<ListVideos, ListedVideo, youtube_v3.Schema$PlaylistItemListResponse>({
      largest: LARGEST_PAGE,
      request: (_input, _context, { size, token }) =>
        buildYouTubeRequest((youtube) =>
          youtube.playlistItems.list({
            part: ['snippet'],
            playlistId,
            maxResults: size,
            pageToken: token,
          }),
        ),
      read: (answer) =>
        readListPage<youtube_v3.Schema$PlaylistItem, ListedVideo>(answer, ({ snippet }) => ({
          id: snippet?.resourceId?.videoId ?? '',
          title: snippet?.title ?? '',
          description: snippet?.description ?? '',
          published_at: snippet?.publishedAt ?? '',
        })),
    });
    return read(input, context, upstream);
  },
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'sandboxVid1',
          title: 'The first video',
          description: 'How it all began',
          published_at: '2026-01-01T00:00:00Z',
        },
      ],
    },
  },
});
