import { Choice, Flag, Integer } from '../../../../actions/fields.js';
import { ImageFile, imageMedia, findImageFaults, uploadMedia } from '../../media.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class SetWatermark extends ImageFile {
  @Choice('From where its time is counted', ['offsetFromStart', 'offsetFromEnd'], {
    default: 'offsetFromStart',
  })
  timing!: 'offsetFromStart' | 'offsetFromEnd';

  @Integer('Milliseconds after the start, or before the end, at which it appears', {
    min: 0,
    default: 0,
  })
  offset_ms!: number;

  @Integer('Milliseconds for which it is shown; left out, to the end', { optional: true, min: 1 })
  duration_ms?: number;
}

class SetWatermarkResult {
  @Flag('The watermark is set')
  watermark_set!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/watermarks/set */
export const setWatermark = youtubeAction({
  type: 'set_watermark',
  group: 'account',
  summary: 'Show a watermark on the videos of the channel',
  docs: 'https://developers.google.com/youtube/v3/docs/watermarks/set',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `youtube:watermark:${account.id}`,
  takesLong: true,
  takesFile: 'image_url',
  takesContent: 'image_base64',
  check: findImageFaults,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['watermarks.set'],
  input: SetWatermark,
  output: SetWatermarkResult,
  run: async (input, { account }, upstream) => {
    const { timing, offset_ms, duration_ms } = input;
    await uploadMedia<undefined>(
      upstream,
      {
        ...buildYouTubeRequest((youtube) =>
          youtube.watermarks.set({
            channelId: account.id,
            requestBody: {
              timing: {
                type: timing,
                // Numbers of 64 bits travel as text.
                offsetMs: String(offset_ms),
                ...(duration_ms !== undefined && { durationMs: String(duration_ms) }),
              },
            },
          }),
        ),
        yes: 'no body',
      },
      { url: input.image_url, base64: input.image_base64 },
      imageMedia(10_485_760),
    );
    return { watermark_set: true };
  },
  example: {
    input: {
      image_url: 'https://example.com/watermark.png',
      timing: 'offsetFromStart',
      offset_ms: 5_000,
    },
    output: { watermark_set: true },
  },
});
