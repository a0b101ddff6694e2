import { List } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class DeleteVideos {
  @List('Ids of the videos; Twitch deletes all of them or none', {
    minItems: 1,
    maxItems: 5,
    maxLength: 20,
    unique: true,
    pattern: /^[0-9]+$/,
    patternMeans: 'an id of digits',
    example: ['335921246'],
  })
  video_ids!: string[];
}

class DeleteVideosResult {
  @List('Ids of the videos that are gone', { minItems: 1 })
  deleted!: string[];
}

interface HelixDeleteVideos {
  readonly data: string[];
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-videos */
export const deleteVideos = twitchAction({
  type: 'delete_videos',
  group: 'channel',
  summary: 'Delete videos of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-videos',
  effect: 'delete',
  order: ({ account }) => `twitch:videos:${account.id}`,
  scopes: ['channel:manage:videos'],
  actsAs: 'account',
  input: DeleteVideos,
  output: DeleteVideosResult,
  request: ({ video_ids }) => ({
    method: 'DELETE',
    path: '/videos',
    query: { id: video_ids },
  }),
  response: ({ data }: HelixDeleteVideos) => ({ deleted: data }),
  example: { input: { video_ids: ['335921246'] }, output: { deleted: ['335921246'] } },
});
