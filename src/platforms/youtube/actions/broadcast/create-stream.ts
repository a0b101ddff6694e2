import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { CdnFields, buildStream } from '../../broadcasts.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class CreateStream extends CdnFields {}

class CreateStreamResult {
  @Flag('The stream is there')
  stream_created!: boolean;

  @YouTubeId('Id of the stream')
  stream_id!: string;

  @Text('Where the encoder sends to', { optional: true })
  ingestion_address?: string | undefined;

  @Text('The key that the encoder sends with: keep it secret', { optional: true, private: true })
  stream_key?: string | undefined;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveStreams/insert */
export const createStream = youtubeAction({
  type: 'create_stream',
  group: 'broadcast',
  summary: 'Create a stream that broadcasts can be bound to',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveStreams/insert',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveStreams.insert'],
  input: CreateStream,
  output: CreateStreamResult,
  request: (stream) =>
    buildYouTubeRequest((youtube) => youtube.liveStreams.insert(buildStream(stream))),
  response: (made: youtube_v3.Schema$LiveStream) => ({
    stream_created: true,
    stream_id: readId(made),
    ingestion_address: made.cdn?.ingestionInfo?.ingestionAddress ?? undefined,
    stream_key: made.cdn?.ingestionInfo?.streamName ?? undefined,
  }),
  example: {
    input: { title: 'Main', resolution: 'variable', frame_rate: 'variable' } as CreateStream,
    output: {
      stream_created: true,
      stream_id: 'sandboxStream5',
      ingestion_address: 'rtmp://a.rtmp.youtube.example/live2',
    },
  },
});
