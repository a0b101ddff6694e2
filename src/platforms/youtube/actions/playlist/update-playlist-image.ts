import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag } from '../../../../actions/fields.js';
import { requireSame } from '../../changes.js';
import { ImageFile, imageMedia, findImageFaults, uploadMedia } from '../../media.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfPlaylist, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class UpdatePlaylistImage extends ImageFile {
  @YouTubeId('Id of the image', { example: 'image-sandbox-1' })
  playlist_image_id!: string;

  @YouTubeId('Id of the playlist', { example: 'PLsandboxPlaylist2' })
  playlist_id!: string;
}

class UpdatePlaylistImageResult {
  @Flag('The image is replaced')
  playlist_image_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/playlistImages/update */
export const updatePlaylistImage = youtubeAction({
  type: 'update_playlist_image',
  group: 'playlist',
  summary: 'Replace the image of a playlist',
  docs: 'https://developers.google.com/youtube/v3/docs/playlistImages/update',
  effect: 'update',
  repeatable: true,
  order: orderOfPlaylist,
  takesLong: true,
  takesFile: 'image_url',
  takesContent: 'image_base64',
  check: findImageFaults,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlistImages.update'],
  input: UpdatePlaylistImage,
  output: UpdatePlaylistImageResult,
  run: async (input, _context, upstream) => {
    const { playlist_id, playlist_image_id } = input;
    const image = await uploadMedia<youtube_v3.Schema$PlaylistImage>(
      upstream,
      buildYouTubeRequest((youtube) =>
        youtube.playlistImages.update({
          part: ['snippet'],
          requestBody: {
            id: playlist_image_id,
            snippet: { playlistId: playlist_id, type: 'hero' },
          },
        }),
      ),
      { url: input.image_url, base64: input.image_base64 },
      imageMedia(52_428_800),
    );
    requireSame(image, playlist_image_id);
    return { playlist_image_updated: true };
  },
  example: {
    input: {
      image_url: 'https://example.com/playlist.png',
      playlist_image_id: 'image-sandbox-1',
      playlist_id: 'PLsandboxPlaylist2',
    },
    output: { playlist_image_updated: true },
  },
});
