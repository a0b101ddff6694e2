import { Flag, Text } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { changeVideo } from '../../videos.js';
import { orderOfVideo, WITHOUT_ANGLES, youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdateVideoTitle {
  @YouTubeId('Id of the video', { example: 'sandboxVid1' })
  video_id!: string;

  @Text('The new title', { visible: true, max: 100, example: 'Speedrun Sunday', ...WITHOUT_ANGLES })
  title!: string;
}

class UpdatedVideoTitle {
  @Flag('The title is changed')
  title_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/update */
export const updateVideoTitle = youtubeAction({
  type: 'update_video_title',
  group: 'video',
  summary: 'Change the title of a video, and nothing else of it',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/update',
  effect: 'update',
  repeatable: true,
  order: orderOfVideo,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.update'],
  input: UpdateVideoTitle,
  output: UpdatedVideoTitle,
  run: async ({ video_id, title }, _context, upstream) => {
    await changeVideo(video_id, { title }, upstream);
    return { title_updated: true };
  },
  example: {
    input: { video_id: 'sandboxVid1', title: 'Speedrun Sunday' },
    output: { title_updated: true },
  },
});
