import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag } from '../../../../actions/fields.js';
import { ImageFile, imageMedia, findImageFaults, uploadMedia } from '../../media.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfPlaylist, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class CreatePlaylistImage extends ImageFile {
  @YouTubeId('Id of the playlist', { example: 'PLsandboxPlaylist1' })
  playlist_id!: string;
}

class CreatePlaylistImageResult {
  @Flag('The image is there')
  playlist_image_created!: boolean;

  @YouTubeId('Id of the image')
  playlist_image_id!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/playlistImages/insert */
export const createPlaylistImage = youtubeAction({
  type: 'create_playlist_image',
  group: 'playlist',
  summary: 'Give a playlist an image of its own',
  docs: 'https://developers.google.com/youtube/v3/docs/playlistImages/insert',
  effect: 'create',
  order: orderOfPlaylist,
  takesLong: true,
  takesFile: 'image_url',
  takesContent: 'image_base64',
  check: findImageFaults,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['playlistImages.insert'],
  input: CreatePlaylistImage,
  output: CreatePlaylistImageResult,
  run: async (input, _context, upstream) => {
    const image = await uploadMedia<youtube_v3.Schema$PlaylistImage>(
      upstream,
      buildYouTubeRequest((youtube) =>
        youtube.playlistImages.insert({
          part: ['snippet'],
          requestBody: { snippet: { playlistId: input.playlist_id, type: 'hero' } },
        }),
      ),
      { url: input.image_url, base64: input.image_base64 },
      imageMedia(52_428_800),
    );
    return { playlist_image_created: true, playlist_image_id: readId(image) };
  },
  example: {
    input: { image_url: 'https://example.com/playlist.png', playlist_id: 'PLsandboxPlaylist1' },
    output: { playlist_image_created: true, playlist_image_id: 'image-sandbox-3' },
  },
});
