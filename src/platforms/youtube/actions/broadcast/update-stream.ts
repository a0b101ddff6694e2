import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { requireChange } from '../../../../actions/changes.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { changeThing } from '../../changes.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdateStream {
  @YouTubeId('Id of the stream', { example: 'sandboxStream2' })
  stream_id!: string;

  @Text('Its title', { optional: true, visible: true, max: 128 })
  title?: string;

  @Text('Its description', { optional: true, min: 0, max: 10_000 })
  description?: string;
}

class UpdateStreamResult {
  @Flag('The stream is changed')
  stream_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveStreams/update */
export const updateStream = youtubeAction({
  type: 'update_stream',
  group: 'broadcast',
  summary: 'Change the title or description of a stream',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveStreams/update',
  effect: 'update',
  repeatable: true,
  order: (_context, { stream_id }) => `youtube:stream:${stream_id}`,
  check: ({ title, description }) => requireChange({ title, description }),
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveStreams.update'],
  input: UpdateStream,
  output: UpdateStreamResult,
  run: async ({ stream_id, title, description }, _context, upstream) => {
    await changeThing<youtube_v3.Schema$LiveStream>(upstream, {
      what: 'stream',
      id: stream_id,
      read: (youtube) => youtube.liveStreams.list({ part: ['snippet', 'cdn'], id: [stream_id] }),
      placeholder: {
        snippet: { title: '<title>', description: '<description>' },
        cdn: { ingestionType: 'rtmp', resolution: 'variable', frameRate: 'variable' },
      },
      write: ({ snippet, cdn }) => {
        const kept = { ...cdn };
        // YouTube's own.
        delete kept.ingestionInfo;
        return (youtube) =>
          youtube.liveStreams.update({
            part: ['snippet', 'cdn'],
            requestBody: {
              id: stream_id,
              snippet: {
                title: title ?? snippet?.title,
                description: description ?? snippet?.description,
              },
              cdn: kept,
            },
          });
      },
    });
    return { stream_updated: true };
  },
  example: {
    input: { stream_id: 'sandboxStream2', title: 'Spare encoder' },
    output: { stream_updated: true },
  },
});
