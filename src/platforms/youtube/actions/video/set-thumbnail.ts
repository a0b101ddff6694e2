import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { ImageFile, imageMedia, findImageFaults, uploadMedia } from '../../media.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfVideo, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class SetThumbnail extends ImageFile {
  @YouTubeId('Id of the video, or of the broadcast', { example: 'sandboxVid1' })
  video_id!: string;
}

class SetThumbnailResult {
  @Flag('The thumbnail is set')
  thumbnail_set!: boolean;

  @Text('Where it is seen')
  url!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/thumbnails/set */
export const setThumbnail = youtubeAction({
  type: 'set_thumbnail',
  group: 'video',
  summary: 'Give a video a thumbnail, from an address, in a parameter or with the request',
  docs: 'https://developers.google.com/youtube/v3/docs/thumbnails/set',
  effect: 'update',
  repeatable: true,
  order: orderOfVideo,
  takesLong: true,
  takesFile: 'image_url',
  takesContent: 'image_base64',
  check: findImageFaults,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['thumbnails.set'],
  input: SetThumbnail,
  output: SetThumbnailResult,
  run: async (input, _context, upstream) => {
    const set = await uploadMedia<youtube_v3.Schema$ThumbnailSetResponse>(
      upstream,
      buildYouTubeRequest((youtube) => youtube.thumbnails.set({ videoId: input.video_id })),
      { url: input.image_url, base64: input.image_base64 },
      imageMedia(52_428_800),
    );
    const [picture] = set.items ?? [];
    const url = (picture?.default ?? picture?.medium ?? picture?.high)?.url;
    if (typeof url !== 'string') throw new TypeError('The answer holds no thumbnail');
    return { thumbnail_set: true, url };
  },
  example: {
    input: { image_url: 'https://example.com/thumbnail.png', video_id: 'sandboxVid1' },
    output: { thumbnail_set: true, url: 'https://i.example/sandboxVid1.jpg' },
  },
});
