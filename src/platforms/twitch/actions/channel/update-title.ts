import { Flag, Text } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class UpdateTitle {
  // 140 characters is what Twitch's own pages accept; the API reference names no limit.
  @Text('The new title', { visible: true, max: 140, example: 'Speedrun Sunday' })
  title!: string;
}

class UpdatedTitle {
  @Flag('The title is changed')
  title_updated!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#modify-channel-information */
export const updateTitle = twitchAction({
  type: 'update_title',
  group: 'channel',
  summary: 'Change the title of the stream',
  docs: 'https://dev.twitch.tv/docs/api/reference/#modify-channel-information',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:channel:${account.id}`,
  scopes: ['channel:manage:broadcast'],
  actsAs: 'account',
  input: UpdateTitle,
  output: UpdatedTitle,
  request: ({ title }, { account }) => ({
    method: 'PATCH',
    path: '/channels',
    query: { broadcaster_id: account.id },
    body: { title },
  }),
  yes: 'no body',
  response: () => ({ title_updated: true }),
  example: { input: { title: 'Speedrun Sunday' }, output: { title_updated: true } },
});
