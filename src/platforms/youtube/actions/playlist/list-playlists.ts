import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Choice, Integer, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 50;

class ListPlaylists extends paged(LARGEST_PAGE) {
  @YouTubeId('Of another channel; left out for the account itself', { optional: true })
  channel_id?: string;
}

class ListPlaylistsItem {
  @YouTubeId('Id of the playlist')
  id!: string;

  @Text('Its title', { min: 0 })
  title!: string;

  @Text('Its description', { min: 0 })
  description!: string;

  @Choice('Who sees it', ['private', 'unlisted', 'public'], { optional: true })
  privacy_status?: string;

  @Integer('Items of the playlist', { optional: true, min: 0 })
  item_count?: number;
}

/** @see https://developers.google.com/youtube/v3/docs/playlists/list */
export const listPlaylists = youtubeAction({
  type: 'list_playlists',
  group: 'playlist',
  summary: 'List the playlists of a channel',
  docs: 'https://developers.google.com/youtube/v3/docs/playlists/list',
  effect: 'read',
  cacheSeconds: 15,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlists.list'],
  input: ListPlaylists,
  output: listOf(ListPlaylistsItem),
  run: readPages<ListPlaylists, ListPlaylistsItem, youtube_v3.Schema$PlaylistListResponse>({
    largest: LARGEST_PAGE,
    request: ({ channel_id }, _context, { size, token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.playlists.list({
          part: ['snippet', 'status', 'contentDetails'],
          ...(channel_id === undefined ? { mine: true } : { channelId: channel_id }),
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$Playlist, ListPlaylistsItem>(answer, (item) => ({
        id: readId(item),
        title: item.snippet?.title ?? '',
        description: item.snippet?.description ?? '',
        privacy_status: item.status?.privacyStatus ?? undefined,
        item_count: item.contentDetails?.itemCount ?? undefined,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'PLsandboxPlaylist1',
          title: 'Season one',
          description: '',
          privacy_status: 'public',
          item_count: 1,
        },
      ],
    },
  },
});
