import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 50;

class ListStreams extends paged(LARGEST_PAGE) {}

class ListStreamsItem {
  @YouTubeId('Id of the stream')
  id!: string;

  @Text('Its title', { min: 0 })
  title!: string;

  @Text('Its state, such as active or inactive', { min: 0 })
  stream_status!: string;

  @Text('Such as 1080p or variable', { min: 0 })
  resolution!: string;

  @Text('Such as 60fps or variable', { min: 0 })
  frame_rate!: string;

  @Text('Such as rtmp', { min: 0 })
  ingestion_type!: string;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveStreams/list */
export const listStreams = youtubeAction({
  type: 'list_streams',
  group: 'broadcast',
  summary: 'List the streams that broadcasts can be bound to; their keys are left out',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveStreams/list',
  effect: 'read',
  cacheSeconds: 15,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveStreams.list'],
  input: ListStreams,
  output: listOf(ListStreamsItem),
  run: readPages<ListStreams, ListStreamsItem, youtube_v3.Schema$LiveStreamListResponse>({
    largest: LARGEST_PAGE,
    request: (_input, _context, { size, token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.liveStreams.list({
          part: ['snippet', 'cdn', 'status'],
          mine: true,
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$LiveStream, ListStreamsItem>(answer, (item) => ({
        id: readId(item),
        title: item.snippet?.title ?? '',
        stream_status: item.status?.streamStatus ?? '',
        resolution: item.cdn?.resolution ?? '',
        frame_rate: item.cdn?.frameRate ?? '',
        ingestion_type: item.cdn?.ingestionType ?? '',
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'sandboxStream1',
          title: 'Main',
          stream_status: 'active',
          resolution: '1080p',
          frame_rate: '60fps',
          ingestion_type: 'rtmp',
        },
      ],
    },
  },
});
