import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfPlaylist, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeletePlaylist {
  @YouTubeId('Id of the playlist', { example: 'PLsandboxPlaylist3' })
  playlist_id!: string;
}

class DeletePlaylistResult {
  @Flag('The playlist is gone')
  playlist_deleted!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/playlists/delete */
export const deletePlaylist = youtubeAction({
  type: 'delete_playlist',
  group: 'playlist',
  summary: 'Delete a playlist; its videos stay',
  docs: 'https://developers.google.com/youtube/v3/docs/playlists/delete',
  effect: 'delete',
  order: orderOfPlaylist,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlists.delete'],
  input: DeletePlaylist,
  output: DeletePlaylistResult,
  request: ({ playlist_id }) =>
    buildYouTubeRequest((youtube) => youtube.playlists.delete({ id: playlist_id })),
  yes: 'no body',
  response: () => ({ playlist_deleted: true }),
  example: { input: { playlist_id: 'PLsandboxPlaylist3' }, output: { playlist_deleted: true } },
});
