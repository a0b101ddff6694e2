import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeleteStream {
  @YouTubeId('Id of the stream', { example: 'sandboxStream3' })
  stream_id!: string;
}

class DeleteStreamResult {
  @Flag('The stream is gone')
  stream_deleted!: boolean;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveStreams/delete */
export const deleteStream = youtubeAction({
  type: 'delete_stream',
  group: 'broadcast',
  summary: 'Delete a stream that no broadcast is bound to',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveStreams/delete',
  effect: 'delete',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveStreams.delete'],
  input: DeleteStream,
  output: DeleteStreamResult,
  request: ({ stream_id }) =>
    buildYouTubeRequest((youtube) => youtube.liveStreams.delete({ id: stream_id })),
  yes: 'no body',
  response: () => ({ stream_deleted: true }),
  example: { input: { stream_id: 'sandboxStream3' }, output: { stream_deleted: true } },
});
