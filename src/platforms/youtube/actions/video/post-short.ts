import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { findVideoFaults, NewVideo, UploadedVideo, uploadNewVideo } from '../../uploads.js';
import { youtubeAction } from '../../youtube-action.js';

/** What the earlier service marked Shorts with; YouTube itself goes by length and shape. */
const MARK = ['#Shorts'];

/**
 * The API has no flag for Shorts: YouTube makes one of a video of up to three minutes that is upright or
 * square (unverified, a rule of the product), and the gateway does not check the file.
 * @see https://developers.google.com/youtube/v3/docs/videos/insert
 */
export const postShort = youtubeAction({
  type: 'post_short',
  group: 'video',
  summary: 'Upload a Short: an upright or square video of up to three minutes',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/insert',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.insert'],
  takesLong: true,
  takesFile: 'video_url',
  input: NewVideo,
  output: UploadedVideo,
  check: (video) => findVideoFaults(video, MARK),
  run: async (video, _context, upstream) => {
    const uploaded = await uploadNewVideo(video, upstream, MARK);
    return { ...uploaded, url: `https://www.youtube.com/shorts/${uploaded.video_id}` };
  },
  example: {
    input: {
      video_url: 'https://example.com/short.mp4',
      title: 'The last second',
      privacy_status: 'public',
    } as NewVideo,
    output: {
      video_id: 'sandboxVid5',
      url: 'https://www.youtube.com/shorts/sandboxVid5',
      privacy_status: 'public',
      upload_status: 'uploaded',
    },
  },
});
