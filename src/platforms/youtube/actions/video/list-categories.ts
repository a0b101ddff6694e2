import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readItems } from '../../youtube-request.js';

class ListCategories {
  @Text('Country', {
    default: 'US',
    pattern: /^[A-Z]{2}$/,
    patternMeans: 'two capital letters of ISO 3166-1, such as US',
  })
  region_code!: string;
}

class ListCategoriesItem {
  @YouTubeId('Id of the category')
  id!: string;

  @Text('Its title', { min: 0 })
  title!: string;

  @Flag('Videos can be put into it')
  is_assignable!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/videoCategories/list */
export const listCategories = youtubeAction({
  type: 'list_categories',
  group: 'video',
  summary: 'List the categories that videos can have in a country',
  docs: 'https://developers.google.com/youtube/v3/docs/videoCategories/list',
  effect: 'read',
  cacheSeconds: 3600,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videoCategories.list'],
  input: ListCategories,
  output: listOf(ListCategoriesItem),
  request: ({ region_code }) =>
    buildYouTubeRequest((youtube) =>
      youtube.videoCategories.list({ part: ['snippet'], regionCode: region_code }),
    ),
  response: (answer: youtube_v3.Schema$VideoCategoryListResponse) => ({
    items: readItems<youtube_v3.Schema$VideoCategory>(answer).map((item) => ({
      id: readId(item),
      title: item.snippet?.title ?? '',
      is_assignable: item.snippet?.assignable ?? false,
    })),
  }),
  example: {
    input: { region_code: 'US' },
    output: { items: [{ id: '22', title: 'People & Blogs', is_assignable: true }] },
  },
});
