import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Integer, List, Text } from '../../../../actions/fields.js';
import { notFound } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readItems } from '../../youtube-request.js';

class GetVideo {
  @YouTubeId('Id of the video', { example: 'sandboxVid1' })
  video_id!: string;
}

class VideoDetails {
  @YouTubeId('Id of the video')
  id!: string;

  @Text('Its title', { min: 0 })
  title!: string;

  @Text('Its description', { min: 0 })
  description!: string;

  @List('Its tags')
  tags!: string[];

  @Text('Id of its category', { min: 0 })
  category_id!: string;

  @YouTubeId('Its channel', { optional: true })
  channel_id?: string;

  @Text('Who sees it', { optional: true })
  privacy_status?: string;

  @Text('How far YouTube is with it, such as processed', { optional: true })
  upload_status?: string;

  @Integer('How often it was seen', { optional: true, min: 0 })
  view_count?: number;

  @Text('When it was published', { min: 0 })
  published_at!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/list */
export const getVideo = youtubeAction({
  type: 'get_video',
  group: 'video',
  summary: 'Read a video by its id',
  docs: 'https://developers.google.com/youtube/v3/docs/videos/list',
  effect: 'read',
  cacheSeconds: 30,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['videos.list'],
  input: GetVideo,
  output: VideoDetails,
  request: ({ video_id }) =>
    buildYouTubeRequest((youtube) =>
      youtube.videos.list({ part: ['snippet', 'status', 'statistics'], id: [video_id] }),
    ),
  response: (answer: youtube_v3.Schema$VideoListResponse, { video_id }) => {
    const [video] = readItems<youtube_v3.Schema$Video>(answer);
    if (!video) throw notFound('video', video_id);
    const { snippet, status, statistics } = video;
    return {
      id: readId(video),
      title: snippet?.title ?? '',
      description: snippet?.description ?? '',
      tags: snippet?.tags ?? [],
      category_id: snippet?.categoryId ?? '',
      channel_id: snippet?.channelId ?? undefined,
      privacy_status: status?.privacyStatus ?? undefined,
      upload_status: status?.uploadStatus ?? undefined,
      view_count: statistics?.viewCount ? Number(statistics.viewCount) : undefined,
      published_at: snippet?.publishedAt ?? '',
    };
  },
  example: {
    input: { video_id: 'sandboxVid1' },
    output: {
      id: 'sandboxVid1',
      title: 'The first video',
      description: 'How it all began',
      tags: ['sandbox', 'first steps'],
      category_id: '20',
      published_at: '2026-01-01T00:00:00Z',
    },
  },
});
