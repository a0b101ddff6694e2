import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeleteCaption {
  @YouTubeId('Id of the track', { example: 'caption-sandbox-3' })
  caption_id!: string;
}

class DeleteCaptionResult {
  @Flag('The track is gone')
  caption_deleted!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/captions/delete */
export const deleteCaption = youtubeAction({
  type: 'delete_caption',
  group: 'video',
  summary: 'Delete a track of captions',
  docs: 'https://developers.google.com/youtube/v3/docs/captions/delete',
  effect: 'delete',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['captions.delete'],
  input: DeleteCaption,
  output: DeleteCaptionResult,
  request: ({ caption_id }) =>
    buildYouTubeRequest((youtube) => youtube.captions.delete({ id: caption_id })),
  yes: 'no body',
  response: () => ({ caption_deleted: true }),
  example: { input: { caption_id: 'caption-sandbox-3' }, output: { caption_deleted: true } },
});
