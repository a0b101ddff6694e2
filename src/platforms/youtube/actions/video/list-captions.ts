import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readItems } from '../../youtube-request.js';

class ListCaptions {
  @YouTubeId('Id of the video', { example: 'sandboxVid1' })
  video_id!: string;
}

class ListCaptionsItem {
  @YouTubeId('Id of the captions')
  id!: string;

  @Text('Their language', { min: 0 })
  language!: string;

  @Text('Their name', { min: 0 })
  name!: string;

  @Flag('They are not shown')
  is_draft!: boolean;

  @Text('Their status, such as serving', { min: 0 })
  status!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/captions/list */
export const listCaptions = youtubeAction({
  type: 'list_captions',
  group: 'video',
  summary: 'List the captions of a video',
  docs: 'https://developers.google.com/youtube/v3/docs/captions/list',
  effect: 'read',
  cacheSeconds: 30,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['captions.list'],
  input: ListCaptions,
  output: listOf(ListCaptionsItem),
  request: ({ video_id }) =>
    buildYouTubeRequest((youtube) =>
      youtube.captions.list({ part: ['snippet'], videoId: video_id }),
    ),
  response: (answer: youtube_v3.Schema$CaptionListResponse) => ({
    items: readItems<youtube_v3.Schema$Caption>(answer).map((item) => ({
      id: readId(item),
      language: item.snippet?.language ?? '',
      name: item.snippet?.name ?? '',
      is_draft: item.snippet?.isDraft ?? false,
      status: item.snippet?.status ?? '',
    })),
  }),
  example: {
    input: { video_id: 'sandboxVid1' },
    output: {
      items: [
        {
          id: 'caption-sandbox-1',
          language: 'en',
          name: 'English',
          is_draft: false,
          status: 'serving',
        },
      ],
    },
  },
});
