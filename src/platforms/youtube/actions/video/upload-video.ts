import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { findVideoFaults, NewVideo, UploadedVideo, uploadNewVideo } from '../../uploads.js';
import { youtubeAction } from '../../youtube-action.js';

/** @see https://developers.google.com/youtube/v3/docs/videos/insert */
export const uploadVideo = youtubeAction({
  type: 'upload_video',
  group: 'video',
  summary: 'Upload a video, from an address or with the request',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/insert',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.insert'],
  takesLong: true,
  takesFile: 'video_url',
  input: NewVideo,
  output: UploadedVideo,
  check: (video) => findVideoFaults(video),
  run: async (video, _context, upstream) => {
    const uploaded = await uploadNewVideo(video, upstream);
    return { ...uploaded, url: `https://www.youtube.com/watch?v=${uploaded.video_id}` };
  },
  example: {
    input: {
      video_url: 'https://example.com/video.mp4',
      title: 'Speedrun Sunday',
      privacy_status: 'unlisted',
    } as NewVideo,
    output: {
      video_id: 'sandboxVid4',
      url: 'https://www.youtube.com/watch?v=sandboxVid4',
      privacy_status: 'unlisted',
      upload_status: 'uploaded',
    },
  },
});
