import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { requireChange } from '../../../../actions/changes.js';
import { Flag } from '../../../../actions/fields.js';
import { requireSame } from '../../changes.js';
import { CaptionFile, CAPTION_MEDIA, uploadMedia, findCaptionFaults } from '../../media.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class UpdateCaption extends CaptionFile {
  @YouTubeId('Id of the track', { example: 'caption-sandbox-2' })
  caption_id!: string;

  @Flag('Whether it is a draft; left out, as it was', { optional: true })
  is_draft?: boolean;
}

class UpdateCaptionResult {
  @Flag('The track is changed')
  caption_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/captions/update */
export const updateCaption = youtubeAction({
  type: 'update_caption',
  group: 'video',
  summary: 'Replace the file of a track of captions, or publish its draft',
  docs: 'https://developers.google.com/youtube/v3/docs/captions/update',
  effect: 'update',
  repeatable: true,
  order: (_context, { caption_id }) => `youtube:caption:${caption_id}`,
  takesLong: true,
  takesFile: 'caption_url',
  takesContent: 'caption_base64',
  fileIsOptional: true,
  check: (input, { hasFile }) => [
    ...findCaptionFaults(input),
    ...(hasFile
      ? []
      : requireChange({
          is_draft: input.is_draft,
          caption_url: input.caption_url,
          caption_base64: input.caption_base64,
        })),
  ],
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['captions.update'],
  input: UpdateCaption,
  output: UpdateCaptionResult,
  run: async (input, { hasFile = false }, upstream) => {
    const { caption_id, is_draft, caption_url, caption_base64 } = input;
    const request = buildYouTubeRequest((youtube) =>
      youtube.captions.update({
        part: is_draft === undefined ? ['id'] : ['snippet'],
        requestBody: {
          id: caption_id,
          ...(is_draft !== undefined && { snippet: { isDraft: is_draft } }),
        },
      }),
    );
    const isFile = hasFile || caption_url !== undefined || caption_base64 !== undefined;
    const track = isFile
      ? await uploadMedia<youtube_v3.Schema$Caption>(
          upstream,
          request,
          { url: caption_url, base64: caption_base64 },
          CAPTION_MEDIA,
        )
      : await upstream.send<youtube_v3.Schema$Caption>(request);
    requireSame(track, caption_id);
    return { caption_updated: true };
  },
  example: {
    input: { caption_id: 'caption-sandbox-2', is_draft: false },
    output: { caption_updated: true },
  },
});
