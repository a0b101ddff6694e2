import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MEMBERS } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readItems } from '../../youtube-request.js';

class ListMembershipLevels {}

class ListMembershipLevelsItem {
  @YouTubeId('Id of the level')
  id!: string;

  @Text('Its name', { min: 0 })
  name!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/membershipsLevels/list */
export const listMembershipLevels = youtubeAction({
  type: 'list_membership_levels',
  group: 'account',
  summary: 'List the levels of members of the channel',
  docs: 'https://developers.google.com/youtube/v3/docs/membershipsLevels/list',
  effect: 'read',
  cacheSeconds: 300,
  scopes: MEMBERS,
  actsAs: 'account',
  cost: QUOTA_COST['membershipsLevels.list'],
  input: ListMembershipLevels,
  output: listOf(ListMembershipLevelsItem),
  request: () =>
    buildYouTubeRequest((youtube) => youtube.membershipsLevels.list({ part: ['id', 'snippet'] })),
  response: (answer: youtube_v3.Schema$MembershipsLevelListResponse) => ({
    items: readItems<youtube_v3.Schema$MembershipsLevel>(answer).map((item) => ({
      id: readId(item),
      name: item.snippet?.levelDetails?.displayName ?? '',
    })),
  }),
  example: { input: {}, output: { items: [{ id: 'level-sandbox-1', name: 'Friends' }] } },
});
