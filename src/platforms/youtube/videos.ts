import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { Upstream } from '../../actions/action.js';
import { ActionFailure } from '../../actions/failures.js';
import { askYouTube, readId, readItems } from './youtube-request.js';

/** What YouTube itself writes into a snippet. */
const WRITTEN_BY_YOUTUBE = [
  'publishedAt',
  'channelId',
  'channelTitle',
  'thumbnails',
  'liveBroadcastContent',
  'localized',
] as const satisfies readonly (keyof youtube_v3.Schema$VideoSnippet)[];

/**
 * Changes a part of a video's snippet. An update replaces the snippet as a whole, so it is read first
 * and sent back with everything in it that is not YouTube's own.
 * @see https://developers.google.com/youtube/v3/docs/videos/update
 */
export async function changeSnippet(
  videoId: string,
  change: Pick<youtube_v3.Schema$VideoSnippet, 'title' | 'description'>,
  upstream: Upstream,
): Promise<void> {
  const videos = await askYouTube(
    upstream,
    (youtube) => youtube.videos.list({ part: ['snippet'], id: [videoId] }),
    {
      items: [
        {
          id: videoId,
          snippet: {
            title: '<title>',
            description: '<description>',
            tags: ['<tags>'],
            categoryId: '<category>',
          },
        },
      ],
    },
  );
  const [video] = readItems<youtube_v3.Schema$Video>(videos);
  if (!video) throw new ActionFailure('NOT_FOUND', `YouTube knows no video ${videoId}`);
  const { snippet } = video;
  // Without what the video has now, the update would take away the rest of it.
  if (!snippet)
    throw new ActionFailure('PLATFORM_DOWN', `YouTube does not tell the snippet of ${videoId}`);
  const kept: youtube_v3.Schema$VideoSnippet = { ...snippet };
  for (const name of WRITTEN_BY_YOUTUBE) delete kept[name];
  const changed = await askYouTube(upstream, (youtube) =>
    youtube.videos.update({
      part: ['snippet'],
      requestBody: { id: videoId, snippet: { ...kept, ...change } },
    }),
  );
  if (readId(changed) !== videoId) throw new TypeError('The answer is about another video');
}
