import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class UnsetWatermark {}

class UnsetWatermarkResult {
  @Flag('There is no watermark')
  watermark_unset!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/watermarks/unset */
export const unsetWatermark = youtubeAction({
  type: 'unset_watermark',
  group: 'account',
  summary: 'Take the watermark off the videos of the channel',
  docs: 'https://developers.google.com/youtube/v3/docs/watermarks/unset',
  effect: 'delete',
  repeatable: true,
  order: ({ account }) => `youtube:watermark:${account.id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['watermarks.unset'],
  input: UnsetWatermark,
  output: UnsetWatermarkResult,
  request: (_input, { account }) =>
    buildYouTubeRequest((youtube) => youtube.watermarks.unset({ channelId: account.id })),
  yes: 'no body',
  response: () => ({ watermark_unset: true }),
  example: { input: {}, output: { watermark_unset: true } },
});
