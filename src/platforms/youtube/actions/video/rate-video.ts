import { Choice, Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfVideo, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class RateVideo {
  @YouTubeId('Id of the video', { example: 'sandboxVid3' })
  video_id!: string;

  @Choice('What the account thinks of it', ['like', 'dislike', 'none'], { example: 'like' })
  rating!: 'like' | 'dislike' | 'none';
}

class RateVideoResult {
  @Flag('The rating is set')
  video_rated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/rate */
export const rateVideo = youtubeAction({
  type: 'rate_video',
  group: 'video',
  summary: 'Like or dislike a video, or take that back',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/rate',
  effect: 'update',
  repeatable: true,
  order: orderOfVideo,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.rate'],
  input: RateVideo,
  output: RateVideoResult,
  request: ({ video_id, rating }) =>
    buildYouTubeRequest((youtube) => youtube.videos.rate({ id: video_id, rating })),
  yes: 'no body',
  response: () => ({ video_rated: true }),
  example: { input: { video_id: 'sandboxVid3', rating: 'like' }, output: { video_rated: true } },
});
