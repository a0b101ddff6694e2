import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Integer } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class AddToPlaylist {
  @YouTubeId('Id of the playlist', { example: 'PLsandboxPlaylist1' })
  playlist_id!: string;

  @YouTubeId('Id of the video', { example: 'sandboxVid2' })
  video_id!: string;

  @Integer('Place in the list, from 0; left out, the last', {
    optional: true,
    min: 0,
    max: 2_147_483_647,
  })
  position?: number;
}

class AddedToPlaylist {
  @Flag('The video is in the playlist')
  added!: boolean;

  @YouTubeId('Id of its place in the playlist, for taking it out')
  playlist_item_id!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/insert */
export const addToPlaylist = youtubeAction({
  type: 'add_to_playlist',
  group: 'playlist',
  summary: 'Put a video into a playlist',
  docs: 'https://developers.google.com/youtube/v3/docs/playlistItems/insert',
  effect: 'create',
  order: (_context, { playlist_id }) => `youtube:playlist:${playlist_id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlistItems.insert'],
  input: AddToPlaylist,
  output: AddedToPlaylist,
  request: ({ playlist_id, video_id, position }) =>
    buildYouTubeRequest((youtube) =>
      youtube.playlistItems.insert({
        part: ['snippet'],
        requestBody: {
          snippet: {
            playlistId: playlist_id,
            resourceId: { kind: 'youtube#video', videoId: video_id },
            ...(position !== undefined && { position }),
          },
        },
      }),
    ),
  response: (made: youtube_v3.Schema$PlaylistItem) => ({
    added: true,
    playlist_item_id: readId(made),
  }),
  example: {
    input: { playlist_id: 'PLsandboxPlaylist1', video_id: 'sandboxVid2' },
    output: { added: true, playlist_item_id: 'item-sandbox-2' },
  },
});
