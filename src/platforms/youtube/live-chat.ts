import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { Upstream } from '../../actions/action.js';
import { ActionFailure, refuseInput } from '../../actions/failures.js';
import { askYouTube, readItems } from './youtube-request.js';
import { YouTubeId } from './youtube-action.js';

/** A live chat that may be left out. */
export class InLiveChat {
  @YouTubeId("Id of the live chat; left out, that of the channel's active broadcast", {
    optional: true,
    example: 'KicKGFVDZGVtb0NoYW5uZWw',
  })
  live_chat_id?: string;
}

const LIVE_CHAT = 'live_chat_id';
const REMEMBERED_MS = 5 * 60_000;
/** By these YouTube says that a live chat we remember is one of the past. */
const OVER: ReadonlySet<string> = new Set(['liveChatEnded', 'liveChatNotFound']);

/**
 * Acts in the live chat that was named, or in that of the active broadcast, which is looked up once
 * and remembered for a few minutes. A remembered one that is over is looked up again.
 */
export async function actInLiveChat<Done>(
  named: string | undefined,
  upstream: Upstream,
  act: (liveChatId: string) => Promise<Done>,
): Promise<Done> {
  if (named !== undefined) return act(named);
  const remembered = await upstream.recall(LIVE_CHAT);
  if (remembered !== undefined) {
    try {
      return await act(remembered);
    } catch (error) {
      if (!isOver(error)) throw error;
      await upstream.forget(LIVE_CHAT);
    }
  }
  const found = await findActiveChat(upstream);
  await upstream.remember(LIVE_CHAT, found, REMEMBERED_MS);
  return act(found);
}

function isOver(error: unknown): boolean {
  return error instanceof ActionFailure && OVER.has(error.details.platformCode ?? '');
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/list */
async function findActiveChat(upstream: Upstream): Promise<string> {
  const broadcasts = await askYouTube(
    upstream,
    (youtube) =>
      youtube.liveBroadcasts.list({
        part: ['snippet'],
        broadcastStatus: 'active',
        broadcastType: 'all',
        maxResults: 50,
      }),
    { items: [{ snippet: { liveChatId: '<live chat of the active broadcast>' } }] },
  );
  const found = new Set(
    readItems<youtube_v3.Schema$LiveBroadcast>(broadcasts).flatMap(
      ({ snippet }) => snippet?.liveChatId ?? [],
    ),
  );
  const [first, ...others] = found;
  if (first === undefined) {
    throw new ActionFailure(
      'NOT_FOUND',
      'No active broadcast of this channel has a live chat: name one in live_chat_id',
    );
  }
  if (others.length > 0) {
    throw refuseInput([
      {
        field: 'parameters.live_chat_id',
        message: `is missing, and ${found.size} broadcasts of this channel are active: name one of ${[...found].join(', ')}`,
      },
    ]);
  }
  return first;
}
