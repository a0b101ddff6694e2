import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Integer, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 50;

class ListPlaylistItems extends paged(LARGEST_PAGE) {
  @YouTubeId('Id of the playlist', { example: 'PLsandboxPlaylist1' })
  playlist_id!: string;

  @YouTubeId('Only the entries of this video', { optional: true })
  video_id?: string;
}

class ListPlaylistItemsItem {
  @YouTubeId('Id of the entry, for removing it')
  id!: string;

  @YouTubeId('Id of the video')
  video_id!: string;

  @Text('Title of the video', { min: 0 })
  title!: string;

  @Integer('Place in the playlist, from 0', { min: 0 })
  position!: number;
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/list */
export const listPlaylistItems = youtubeAction({
  type: 'list_playlist_items',
  group: 'playlist',
  summary: 'List the videos of a playlist',
  docs: 'https://developers.google.com/youtube/v3/docs/playlistItems/list',
  effect: 'read',
  cacheSeconds: 15,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlistItems.list'],
  input: ListPlaylistItems,
  output: listOf(ListPlaylistItemsItem),
  run: readPages<
    ListPlaylistItems,
    ListPlaylistItemsItem,
    youtube_v3.Schema$PlaylistItemListResponse
  >({
    largest: LARGEST_PAGE,
    request: ({ playlist_id, video_id }, _context, { size, token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.playlistItems.list({
          part: ['snippet'],
          playlistId: playlist_id,
          videoId: video_id,
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$PlaylistItem, ListPlaylistItemsItem>(answer, (item) => ({
        id: readId(item),
        video_id: item.snippet?.resourceId?.videoId ?? '',
        title: item.snippet?.title ?? '',
        position: item.snippet?.position ?? 0,
      })),
  }),
  example: {
    input: { playlist_id: 'PLsandboxPlaylist1', page_size: 20, all: false },
    output: {
      items: [
        { id: 'item-sandbox-1', video_id: 'sandboxVid1', title: 'The first video', position: 0 },
      ],
    },
  },
});
