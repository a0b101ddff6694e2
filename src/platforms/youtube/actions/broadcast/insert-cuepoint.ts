import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Integer } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class InsertCuepoint {
  @YouTubeId('Id of the broadcast, which must be on air', { example: 'sandboxCast' })
  broadcast_id!: string;

  // That YouTube itself takes 30 where none is given is unverified; how long one may be, unpublished.
  @Integer('How many seconds of advertising', { min: 1, max: 3600, default: 30 })
  duration_seconds!: number;
}

class InsertedCuepoint {
  @Flag('The ad break is inserted')
  cuepoint_inserted!: boolean;

  @YouTubeId('Id of the cuepoint', { optional: true })
  cuepoint_id?: string;

  @Integer('Seconds it lasts')
  duration_seconds!: number;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/cuepoint */
export const insertCuepoint = youtubeAction({
  type: 'insert_cuepoint',
  group: 'broadcast',
  summary: 'Insert an ad break into a broadcast that is on air',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/cuepoint',
  effect: 'create',
  order: (_context, { broadcast_id }) => `youtube:broadcast:${broadcast_id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveBroadcasts.cuepoint'],
  input: InsertCuepoint,
  output: InsertedCuepoint,
  request: ({ broadcast_id, duration_seconds }) =>
    buildYouTubeRequest((youtube) =>
      youtube.liveBroadcasts.insertCuepoint({
        id: broadcast_id,
        requestBody: { cueType: 'cueTypeAd', durationSecs: duration_seconds },
      }),
    ),
  response: (cuepoint: youtube_v3.Schema$Cuepoint, { duration_seconds }) => ({
    cuepoint_inserted: true,
    cuepoint_id: readId(cuepoint),
    duration_seconds,
  }),
  example: {
    input: { broadcast_id: 'sandboxCast', duration_seconds: 60 },
    output: { cuepoint_inserted: true, cuepoint_id: 'cue-sandbox-1', duration_seconds: 60 },
  },
});
