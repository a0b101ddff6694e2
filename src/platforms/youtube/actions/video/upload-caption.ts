import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { CaptionFile, CAPTION_MEDIA, uploadMedia, findCaptionFaults } from '../../media.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { LANGUAGE, orderOfVideo, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class UploadCaption extends CaptionFile {
  @YouTubeId('Id of the video', { example: 'sandboxVid1' })
  video_id!: string;

  @Text('Language of the track, such as en or de-AT', { ...LANGUAGE, example: 'es' })
  language!: string;

  @Text('Name of the track; may be empty for the main one', { min: 0, max: 150, default: '' })
  name!: string;

  @Flag('Keep it out of sight for now', { default: false })
  is_draft!: boolean;
}

class UploadCaptionResult {
  @Flag('The track is there')
  caption_uploaded!: boolean;

  @YouTubeId('Id of the track')
  caption_id!: string;

  @Text('How far YouTube is with it, such as serving or syncing', { optional: true })
  status?: string | undefined;
}

/** @see https://developers.google.com/youtube/v3/docs/captions/insert */
export const uploadCaption = youtubeAction({
  type: 'upload_caption',
  group: 'video',
  summary:
    'Upload a track of captions for a video, from an address, in a parameter or with the request',
  docs: 'https://developers.google.com/youtube/v3/docs/captions/insert',
  effect: 'create',
  order: orderOfVideo,
  takesLong: true,
  takesFile: 'caption_url',
  takesContent: 'caption_base64',
  check: findCaptionFaults,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['captions.insert'],
  input: UploadCaption,
  output: UploadCaptionResult,
  run: async (input, _context, upstream) => {
    const { video_id, language, name, is_draft } = input;
    const track = await uploadMedia<youtube_v3.Schema$Caption>(
      upstream,
      buildYouTubeRequest((youtube) =>
        youtube.captions.insert({
          part: ['snippet'],
          requestBody: { snippet: { videoId: video_id, language, name, isDraft: is_draft } },
        }),
      ),
      { url: input.caption_url, base64: input.caption_base64 },
      CAPTION_MEDIA,
    );
    return {
      caption_uploaded: true,
      caption_id: readId(track),
      status: track.snippet?.status ?? undefined,
    };
  },
  example: {
    input: {
      caption_url: 'https://example.com/captions.vtt',
      video_id: 'sandboxVid1',
      language: 'es',
      name: '',
      is_draft: false,
    },
    output: { caption_uploaded: true, caption_id: 'caption-sandbox-4', status: 'serving' },
  },
});
