import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeletePlaylistImage {
  @YouTubeId('Id of the image', { example: 'image-sandbox-2' })
  playlist_image_id!: string;
}

class DeletePlaylistImageResult {
  @Flag('The image is gone')
  playlist_image_deleted!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/playlistImages/delete */
export const deletePlaylistImage = youtubeAction({
  type: 'delete_playlist_image',
  group: 'playlist',
  summary: 'Delete the image of a playlist',
  docs: 'https://developers.google.com/youtube/v3/docs/playlistImages/delete',
  effect: 'delete',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlistImages.delete'],
  input: DeletePlaylistImage,
  output: DeletePlaylistImageResult,
  request: ({ playlist_image_id }) =>
    buildYouTubeRequest((youtube) => youtube.playlistImages.delete({ id: playlist_image_id })),
  yes: 'no body',
  response: () => ({ playlist_image_deleted: true }),
  example: {
    input: { playlist_image_id: 'image-sandbox-2' },
    output: { playlist_image_deleted: true },
  },
});
