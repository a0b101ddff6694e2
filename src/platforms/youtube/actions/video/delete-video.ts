import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfVideo, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeleteVideo {
  @YouTubeId('Id of the video', { example: 'sandboxVid4' })
  video_id!: string;
}

class DeleteVideoResult {
  @Flag('The video is gone')
  video_deleted!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/delete */
export const deleteVideo = youtubeAction({
  type: 'delete_video',
  group: 'video',
  summary: 'Delete a video of the account for good',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/delete',
  effect: 'delete',
  order: orderOfVideo,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.delete'],
  input: DeleteVideo,
  output: DeleteVideoResult,
  request: ({ video_id }) =>
    buildYouTubeRequest((youtube) => youtube.videos.delete({ id: video_id })),
  yes: 'no body',
  response: () => ({ video_deleted: true }),
  example: { input: { video_id: 'sandboxVid4' }, output: { video_deleted: true } },
});
