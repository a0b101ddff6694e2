import { requireChange } from '../../../../actions/changes.js';
import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { changeVideo, findChangeFaults, VideoChanges } from '../../videos.js';
import { orderOfVideo, youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdateVideo extends VideoChanges {
  @YouTubeId('Id of the video', { example: 'sandboxVid1' })
  video_id!: string;
}

class UpdateVideoResult {
  @Flag('The video is changed')
  video_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/update */
export const updateVideo = youtubeAction({
  type: 'update_video',
  group: 'video',
  summary: 'Change texts, tags, category, languages or status of a video, and leave the rest of it',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/update',
  effect: 'update',
  repeatable: true,
  order: orderOfVideo,
  check: ({ video_id: _id, ...changes }) => [
    ...requireChange(changes),
    ...findChangeFaults(changes),
  ],
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.update'],
  input: UpdateVideo,
  output: UpdateVideoResult,
  run: async ({ video_id, ...changes }, _context, upstream) => {
    await changeVideo(video_id, changes, upstream);
    return { video_updated: true };
  },
  example: {
    input: {
      video_id: 'sandboxVid1',
      tags: ['speedrun', 'sunday'],
      category_id: '20',
    } as UpdateVideo,
    output: { video_updated: true },
  },
});
