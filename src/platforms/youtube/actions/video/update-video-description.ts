import { Flag, Text } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { changeVideo } from '../../videos.js';
import { orderOfVideo, WITHOUT_ANGLES, youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdateVideoDescription {
  @YouTubeId('Id of the video', { example: 'sandboxVid1' })
  video_id!: string;

  @Text('The new description; an empty one takes it away', {
    min: 0,
    max: 5000,
    unit: 'bytes',
    example: 'All games, no glitches',
    ...WITHOUT_ANGLES,
  })
  description!: string;
}

class UpdatedVideoDescription {
  @Flag('The description is changed')
  description_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/update */
export const updateVideoDescription = youtubeAction({
  type: 'update_video_description',
  group: 'video',
  summary: 'Change the description of a video, and nothing else of it',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/update',
  effect: 'update',
  repeatable: true,
  order: orderOfVideo,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.update'],
  input: UpdateVideoDescription,
  output: UpdatedVideoDescription,
  run: async ({ video_id, description }, _context, upstream) => {
    await changeVideo(video_id, { description }, upstream);
    return { description_updated: true };
  },
  example: {
    input: { video_id: 'sandboxVid1', description: 'All games, no glitches' },
    output: { description_updated: true },
  },
});
